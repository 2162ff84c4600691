import { FatalError, isFatal, reportOf, retryAfterOf } from './errors.js';
import type { ErrorReport } from './frames.js';
import { NotJsonError, toJson } from './json.js';

export interface Completed {
  kind: 'completed';
  /** The result as JSON text, so that a Response's body is not parsed and written again. */
  result: string;
}

export interface Failed {
  kind: 'failed';
  error: ErrorReport;
  /** No attempt follows. */
  fatal: boolean;
  /** The earliest next attempt, in milliseconds. */
  retryAfterMs?: number;
}

/** How an attempt ended. */
export type Outcome = Completed | Failed | { kind: 'suspended'; waits: string[] };

const RETRYABLE = new Set([408, 425, 429]);
const LONGEST_MESSAGE = 2_000;

/**
 * What a handler's return value means for its run.
 * @throws FatalError when it is neither a Response nor JSON.
 */
export function outcomeOf(returned: unknown): Completed | Promise<Completed | Failed> {
  if (isResponse(returned)) return responseOutcome(returned);
  try {
    return { kind: 'completed', result: JSON.stringify(toJson(returned)) };
  } catch (problem) {
    if (!(problem instanceof NotJsonError)) throw problem;
    throw new FatalError(`what the handler returned is neither a Response nor JSON: ${problem.message}`, { code: 'result_not_json', cause: problem });
  }
}

/** What an error out of a handler means for its run. */
export function failureOf(thrown: unknown, step: string | null): Failed {
  const failed: Failed = { kind: 'failed', error: reportOf(thrown, step), fatal: isFatal(thrown) };
  const retryAfter = retryAfterOf(thrown);
  if (retryAfter !== undefined) failed.retryAfterMs = Math.round(retryAfter);
  return failed;
}

async function responseOutcome(response: Response): Promise<Completed | Failed> {
  const text = response.body === null ? '' : await response.text();
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: 'completed', result: text === '' ? 'null' : isJson(text) ? text : JSON.stringify(text) };

  const failed: Failed = {
    kind: 'failed',
    error: { name: 'HttpError', message: messageOf(response, text), code: `http_${status}`, stack: null, step: null },
    fatal: !(RETRYABLE.has(status) || status >= 500),
  };
  const retryAfter = failed.fatal ? undefined : retryAfterMs(response.headers.get('retry-after'), Date.now());
  if (retryAfter !== undefined) failed.retryAfterMs = retryAfter;
  return failed;
}

/** A `Retry-After` header, in seconds or as an HTTP date, in milliseconds from `now` (epoch milliseconds); undefined when it is neither. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1_000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

// By shape too: a framework or another realm may bring its own class.
function isResponse(value: unknown): value is Response {
  if (value instanceof Response) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { status, text, headers } = value as Partial<Response>;
  return typeof status === 'number' && typeof text === 'function' && typeof headers?.get === 'function';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function messageOf(response: Response, text: string): string {
  const plain = text.trim().slice(0, LONGEST_MESSAGE) || response.statusText || `the handler answered ${response.status}`;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return plain;
  }
  if (typeof body !== 'object' || body === null) return plain;
  const { error, message, detail, title } = body as Record<string, unknown>;
  const inner = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
  return [inner, message, detail, title].find((text): text is string => typeof text === 'string' && text !== '') ?? plain;
}
