import type { Page } from './json.js';
import { segment, type Transport } from './transport.js';

export type RunStatus = 'pending' | 'running' | 'sleeping' | 'retrying' | 'completed' | 'failed' | 'cancelled';

export interface RunError {
  name: string;
  message: string;
  code: string | null;
  stack: string | null;
  step: string | null;
}

/** A run as lists show it. Times are RFC 3339 in UTC. */
export interface Run {
  id: string;
  jobId: string;
  status: RunStatus;
  attempt: number;
  maxAttempts: number;
  priority: string;
  trigger: { kind: string; id: string | null; detail?: unknown };
  createdAt: string;
  runAt: string;
  wakeAt: string | null;
  startedAt: string | null;
  completedAt: string | null;
  durationMs: number | null;
  retryOf: string | null;
  error: RunError | null;
}

export interface Step {
  name: string;
  status: string;
  attempt: number;
  startedAt: string | null;
  durationMs: number | null;
  output: unknown;
}

export interface Attempt {
  number: number;
  epoch: number;
  worker: string | null;
  startedAt: string | null;
  endedAt: string | null;
  outcome: string | null;
  error: RunError | null;
}

/** A run whole. */
export interface RunDetail<Result = unknown> extends Run {
  payload: unknown;
  result: Result | null;
  /** Why it does not run, or what this detail lacks. */
  reason: string | null;
  /** Null while the service that keeps them is away. */
  steps: Step[] | null;
  attempts: Attempt[] | null;
}

export interface RunFilter extends Page {
  status?: RunStatus | RunStatus[];
  /** Of a kind of trigger: `manual`, `event`, … */
  trigger?: string;
  since?: Date | string;
  until?: Date | string;
}

/** Where a retry begins: behind the stored steps, or anew. */
export type From = 'failed_step' | 'start';

/** The runs of jobs. */
export class Runs {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Newest first, without payload and result. */
  list(job: string, { status, since, until, ...rest }: RunFilter = {}): Promise<Run[]> {
    return this.#transport.get(pathOf(job), { ...rest, status: Array.isArray(status) ? status.join(',') : status, since: timeOf(since), until: timeOf(until) });
  }

  /** @param options `wait`: gives the run when it has ended, or after this time: `30s`, at most 5 minutes. */
  get<Result = unknown>(job: string, id: string, options: { wait?: string } = {}): Promise<RunDetail<Result>> {
    return this.#transport.get(`${pathOf(job)}/${segment(id)}`, options);
  }

  /** @throws ReactorError `run_finished` when it has ended otherwise. */
  cancel(job: string, id: string): Promise<RunDetail> {
    return this.#transport.send('POST', `${pathOf(job)}/${segment(id)}/cancel`);
  }

  /** A new run in place of one that has ended. By default it goes on at the failed step. */
  retry(job: string, id: string, options: { from?: From } = {}): Promise<RunDetail> {
    return this.#transport.send('POST', `${pathOf(job)}/${segment(id)}/retry`, options);
  }
}

/** A run that failed for good. */
export interface DeadLetter {
  id: string;
  jobId: string;
  runId: string;
  error: RunError;
  attempts: number;
  createdAt: string;
  status: 'open' | 'retried';
  retriedAs: string | null;
}

/** What failed for good. */
export class DeadLetters {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  list(job: string, page: Page = {}): Promise<DeadLetter[]> {
    return this.#transport.get(lettersOf(job), { ...page });
  }

  /** The run that takes its place; the second time the same run. */
  retry(job: string, id: string, options: { from?: From } = {}): Promise<RunDetail> {
    return this.#transport.send('POST', `${lettersOf(job)}/${segment(id)}/retry`, options);
  }

  /** It cannot be retried any more. */
  discard(job: string, id: string): Promise<void> {
    return this.#transport.send('DELETE', `${lettersOf(job)}/${segment(id)}`);
  }
}

const pathOf = (job: string): string => `/jobs/v1/_admin/jobs/${segment(job)}/runs`;
const lettersOf = (job: string): string => `/jobs/v1/_admin/jobs/${segment(job)}/dlq`;
const timeOf = (time: Date | string | undefined): string | undefined => (time instanceof Date ? time.toISOString() : time);
