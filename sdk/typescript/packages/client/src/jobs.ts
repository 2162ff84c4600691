import type { Json, Page } from './json.js';
import { DeadLetters, Runs, type RunDetail } from './runs.js';
import { startOf, type StartOptions } from './start.js';
import { segment, type Transport } from './transport.js';
import { Triggers, type Trigger, type TriggerDefinition } from './triggers.js';

export interface RetryPolicy {
  /** 1 to 1,000; default 3. */
  maxAttempts: number;
  backoff: 'exponential' | 'linear';
  initialDelayMs: number;
  maxDelayMs: number;
  multiplier: number;
  /** 0 to 1: the share by which a delay may be shorter or longer. */
  jitter: number;
}

export type Retry = Partial<RetryPolicy>;

/** What may be changed of a job. */
export interface JobChange {
  displayName?: string;
  /** What runs it: a connected worker's handler, a deployed function, or an http(s) URL. */
  handler?: string;
  /** The same as `handler`. */
  functionName?: string;
  retry?: Retry;
  /** Limit of one attempt, 1 to 3,600,000; default 10 minutes. */
  timeoutMs?: number;
  /** How many of its runs may be due and unfinished; default 10. */
  maxConcurrency?: number;
  retentionDays?: number;
  /** Starts no runs; what triggers it waits. */
  paused?: boolean;
}

/** A job to register. */
export interface JobDefinition extends JobChange {
  name: string;
  /** The job's triggers from now on; those that it has stay when this is left out. */
  triggers?: TriggerDefinition[];
}

export interface Job {
  id: string;
  name: string;
  handler: string;
  functionName: string;
  retry: RetryPolicy;
  timeoutMs: number;
  maxConcurrency: number;
  retentionDays: number;
  paused: boolean;
  createdAt: string;
  updatedAt: string;
  /** Not in lists. */
  triggers: Trigger[] | null;
}

export interface Manifest {
  jobs: JobDefinition[];
}

/** What applying a manifest did, as job ids. */
export interface ManifestOutcome {
  created: string[];
  updated: string[];
  unchanged: string[];
}

const JOBS = '/jobs/v1/_admin/jobs';

/** Jobs, and what belongs to them. */
export class Jobs {
  readonly triggers: Triggers;
  readonly runs: Runs;
  readonly dlq: DeadLetters;

  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
    this.triggers = new Triggers(transport);
    this.runs = new Runs(transport);
    this.dlq = new DeadLetters(transport);
  }

  /** Registers a job; the same again changes nothing. @throws ReactorError `job_exists` when there is another one of the name. */
  create(job: JobDefinition): Promise<Job> {
    return this.#transport.send('POST', JOBS, job);
  }

  list(page: Page = {}): Promise<Job[]> {
    return this.#transport.get(JOBS, { ...page });
  }

  get(name: string): Promise<Job> {
    return this.#transport.get(pathOf(name));
  }

  /** Changes what is named, and nothing else. */
  update(name: string, change: JobChange): Promise<Job> {
    return this.#transport.send('PATCH', pathOf(name), change);
  }

  /** Deletes it with its triggers, and cancels its unfinished runs. */
  delete(name: string): Promise<void> {
    return this.#transport.send('DELETE', pathOf(name));
  }

  /** Creates and updates jobs, all or none; those that it does not name stay. */
  apply(manifest: Manifest): Promise<ManifestOutcome> {
    return this.#transport.send('POST', '/jobs/v1/jobs', manifest);
  }

  /**
   * Starts a run, which is committed when this resolves.
   * @param start options with a `payload`, or the payload itself. An object counts as options when it has `payload` and nothing but options.
   * @throws ReactorError `concurrency_exceeded` when the job has as many due runs as it may
   */
  trigger(name: string, start?: StartOptions | Json): Promise<RunDetail> {
    const { idempotencyKey, ...body } = startOf(start);
    return this.#transport.send('POST', `/jobs/v1/${segment(name)}/trigger`, body, idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey });
  }
}

const pathOf = (name: string): string => `${JOBS}/${segment(name)}`;
