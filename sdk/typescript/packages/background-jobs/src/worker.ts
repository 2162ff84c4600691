import { FatalError, type JobContext, type WorkerEvent } from '@reactor/jobs-sdk';
import type { Progress } from './jobs.js';

/** A job while a worker works on it. */
export interface RunningJob<Data = unknown> {
  readonly id: string;
  readonly type: string;
  readonly data: Data;
  /** From 1. */
  readonly attempt: number;
  /** Aborts when the job is cancelled, out of time or taken away from this worker. */
  readonly signal: AbortSignal;
  /** Says that it is done, and what came of it: anything that JSON can hold. What is said later does not count. */
  done(result?: unknown): void;
  /**
   * Says that it has failed: another attempt follows as its `retry` says, unless `fatal`. What is said later does not count.
   * @param error a message, or an error
   */
  fail(error: unknown, options?: { fatal?: boolean }): void;
  /** Says how far it is; `getJob` shows it once the promise resolves. In an attempt that follows, what an earlier one has said is not said again. */
  progress(completed: number, total: number): Promise<void>;
  /** Writes a line into the job's log. */
  log(message: string, data?: unknown): void;
}

/** Works on one job. What it throws is a `fail`; where it returns without `done`, what it returns is the result. */
export type Worker<Data = unknown> = (job: RunningJob<Data>) => unknown;

export interface WorkerOptions<Data = unknown> {
  type: string;
  worker: Worker<Data>;
  /** How many jobs of this type it takes at once, 1 to 10,000. Default 1. */
  concurrency?: number;
  /** Told of the connection's life, for logs and health checks. */
  onEvent?: (event: WorkerEvent) => void;
}

export interface WorkerInstance {
  readonly type: string;
  /** Takes no more jobs, and resolves when those that it has are over. */
  stop(): Promise<void>;
}

type Said = { ok: true; result: unknown } | { ok: false; error: unknown; fatal: boolean };

/** A worker as the SDK's handler. */
export function handlerOf<Data>(worker: Worker<Data>): (request: Request, ctx: JobContext) => Promise<unknown> {
  return async (request, ctx) => {
    const progress: Promise<unknown>[] = [];
    let said: Said | undefined;
    const job: RunningJob<Data> = {
      id: ctx.run.id,
      type: ctx.run.jobId,
      data: (await request.json()) as Data,
      attempt: ctx.run.attempt,
      get signal() { return ctx.signal; },
      done: (result = null) => { said ??= { ok: true, result }; },
      fail: (error, { fatal = false } = {}) => { said ??= { ok: false, error, fatal }; },
      progress: async (completed, total) => {
        const stored = ctx.step(`progress:${progress.length + 1}`, () => progressOf(completed, total));
        progress.push(stored);
        await stored;
      },
      log: (message, data) => { ctx.log.info(...(data === undefined ? [message] : [message, data])); },
    };
    try {
      const returned = await worker(job);
      // A worker need not wait for it, and what is said before the end is kept all the same.
      await Promise.all(progress);
      said ??= { ok: true, result: returned ?? null };
    } catch (thrown) {
      if (said === undefined) throw thrown;
    }
    if (said.ok) return said.result;
    throw errorOf(said.error, said.fatal);
  };
}

/** @throws RangeError where it is no progress. */
export function progressOf(completed: number, total: number): Progress {
  if (!Number.isFinite(completed) || !Number.isFinite(total) || completed < 0 || total <= 0 || completed > total)
    throw new RangeError(`progress(${completed}, ${total}) must be from 0 to a total above 0`);
  return { completed, total, percent: (100 * completed) / total };
}

function errorOf(error: unknown, fatal: boolean): unknown {
  const message = error instanceof Error ? error.message : typeof error === 'string' ? error : (JSON.stringify(error) ?? 'failed');
  if (fatal) return new FatalError(message, { cause: error });
  return error instanceof Error ? error : new Error(message);
}
