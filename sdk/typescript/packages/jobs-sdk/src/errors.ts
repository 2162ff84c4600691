import type { AbortReason, ErrorReport } from './frames.js';

// A bundle may carry its own copy of this SDK beside the worker's: errors are told apart by a global brand, not by class.
const BRAND = Symbol.for('reactor.jobs.error');
const CAUSES_SHOWN = 5;
const MAX_TEXT = 32 * 1024;

/** Options of {@link FatalError}. */
export interface FatalErrorOptions extends ErrorOptions {
  /** A stable word for programs, stored as the error's `code`. Default: none. */
  code?: string;
}

/** Options of {@link RetryableError}. */
export interface RetryableErrorOptions extends FatalErrorOptions {
  /** The earliest next attempt, in milliseconds from now. Default: the job's backoff decides. */
  retryAfterMs?: number;
}

/** Thrown out of a handler, fails the run at once: no attempt follows, whatever the job's retry policy. */
export class FatalError extends Error {
  readonly [BRAND] = 'fatal';
  readonly code: string | undefined;

  constructor(message: string, options: FatalErrorOptions = {}) {
    super(message, options);
    this.name = 'FatalError';
    this.code = options.code;
  }
}

/** Thrown out of a handler, fails the attempt and may name when to try again. Any other error retries too, by the job's backoff. */
export class RetryableError extends Error {
  readonly [BRAND] = 'retryable';
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  /** @throws TypeError when `retryAfterMs` is not a finite number of at least 0. */
  constructor(message: string, options: RetryableErrorOptions = {}) {
    super(message, options);
    const { retryAfterMs } = options;
    if (retryAfterMs !== undefined && !(Number.isFinite(retryAfterMs) && retryAfterMs >= 0))
      throw new TypeError(`retryAfterMs must be a number of milliseconds of at least 0, got ${String(retryAfterMs)}`);
    this.name = 'RetryableError';
    this.code = options.code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Why an attempt was stopped: what `ctx.signal.reason` holds. `released` means that this worker is stopping. */
export class AttemptAbortedError extends Error {
  readonly reason: AbortReason | 'released' | 'failed';

  constructor(reason: AbortReason | 'released' | 'failed') {
    super(`the attempt was stopped: ${reason}`);
    // The name that fetch and other abortable calls use, so that a catch written for them fits.
    this.name = 'AbortError';
    this.reason = reason;
  }
}

/** True for a {@link FatalError}, of this copy of the SDK or of another. */
export function isFatal(thrown: unknown): boolean {
  return brandOf(thrown) === 'fatal';
}

/** The `retryAfterMs` of a {@link RetryableError}, if it has one. */
export function retryAfterOf(thrown: unknown): number | undefined {
  return brandOf(thrown) === 'retryable' ? (thrown as RetryableError).retryAfterMs : undefined;
}

/** What is stored of anything that can be thrown. */
export function reportOf(thrown: unknown, step: string | null): ErrorReport {
  if (!(thrown instanceof Error) && !isErrorLike(thrown)) {
    return { name: 'Error', message: clip(textOf(thrown)), code: null, stack: null, step };
  }
  const { code } = thrown as { code?: unknown };
  return {
    name: String(thrown.name || 'Error'),
    message: clip(String(thrown.message)),
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : null,
    stack: clip(stackOf(thrown)),
    step,
  };
}

function brandOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null ? (thrown as Record<symbol, unknown>)[BRAND] : undefined;
}

function isErrorLike(thrown: unknown): thrown is Error {
  return typeof thrown === 'object' && thrown !== null
    && typeof (thrown as Error).message === 'string' && typeof (thrown as Error).name === 'string';
}

function stackOf(error: Error): string {
  let text = error.stack ?? `${error.name}: ${error.message}`;
  let cause = error.cause;
  for (let shown = 0; cause !== undefined && cause !== null && shown < CAUSES_SHOWN; shown++) {
    text += `\ncaused by ${isErrorLike(cause) ? cause.stack ?? `${cause.name}: ${cause.message}` : textOf(cause)}`;
    cause = isErrorLike(cause) ? cause.cause : undefined;
  }
  return text;
}

function textOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  try {
    return JSON.stringify(thrown) ?? Object.prototype.toString.call(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (cut)` : text;
}

/** What is counted by its place among calls of its kind must come in the same place in every attempt. */
export function replayDiffers(journaled: string, now: string, call: string): FatalError {
  return new FatalError(
    `the journal has ${journaled} where this attempt ${now}: outside of steps, calls of ${call} must come in the same order in every attempt. `
    + 'In parallel branches, put them into steps',
    { code: 'replay_differs' });
}
