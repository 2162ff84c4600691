import { createWorker } from '@reactor/jobs-sdk';
import type { CancelFilter, Cancelled, JobDocument, JobSchedule, PluginOptions } from './jobs.js';
import { RequestRefused, Requests } from './requests.js';
import { handlerOf, type WorkerInstance, type WorkerOptions } from './worker.js';

/** Options of {@link createBackgroundJobs}. */
export interface BackgroundJobsOptions {
  /** The suite's base URL, `http://localhost:8000`. */
  url: string;
  /** A service token. */
  token: string;
  /** The org's slug; needed where the token belongs to several. */
  org?: string;
  /** Limit of one request, in milliseconds. Default 30,000. */
  timeoutMs?: number;
}

/** What plugins find at `context.backgroundJobs`. */
export interface BackgroundJobs {
  /** Registers a worker for a type of jobs; resolves once it is in service. */
  addWorker<Data = unknown>(options: WorkerOptions<Data>): Promise<WorkerInstance>;
  /** Schedules a job; resolves once it is kept. The same schedule with the same data again is the one that is there. */
  scheduleJob<Data = unknown>(job: JobSchedule<Data>): Promise<JobDocument<Data>>;
  /** Cancels the jobs and schedules of a type that have not ended and whose data holds the given. */
  cancelJobs(filter: CancelFilter): Promise<Cancelled>;
  /** A job by its id; null where there is none. */
  getJob<Data = unknown>(id: string): Promise<JobDocument<Data> | null>;
  /** Takes what a plugin asks for at `backgroundJobs`: from then on, finished jobs of these types go after so many days. */
  registerPlugin(options: PluginOptions): Promise<void>;
  /** Stops all workers; resolves when the jobs that they have are over. */
  stop(): Promise<void>;
}

/** @throws TypeError naming the option. */
export function createBackgroundJobs({ url, token, org, timeoutMs = 30_000 }: BackgroundJobsOptions): BackgroundJobs {
  const of = { url, token, ...(org !== undefined && { org }) };
  const requests = new Requests({ ...of, timeoutMs });
  const workers = new Set<WorkerInstance>();

  return {
    async addWorker({ type, worker, concurrency = 1, onEvent }) {
      if (typeof worker !== 'function') throw new TypeError(`addWorker: worker of '${String(type)}' must be a function`);
      const connection = createWorker({ ...of, concurrency, handlers: { [type]: handlerOf(worker) }, ...(onEvent && { onEvent }) });
      await connection.start();
      const instance: WorkerInstance = {
        type,
        async stop() {
          workers.delete(instance);
          await connection.stop();
        },
      };
      workers.add(instance);
      return instance;
    },

    scheduleJob: ({ type, data, retry, priority, schedule, cancelRepeats }) =>
      requests.send('POST', '/resources/jobs', { type, data, retry, priority, schedule, cancelRepeats }),

    cancelJobs: ({ type, data }) => requests.send('POST', '/resources/jobs/cancel', { type, data }),

    async getJob(id) {
      try {
        return await requests.send('GET', `/resources/jobs/${encodeURIComponent(id)}`);
      } catch (refused) {
        if (refused instanceof RequestRefused && refused.status === 404) return null;
        throw refused;
      }
    },

    async registerPlugin({ backgroundJobs }) {
      for (const { type, purgeAfterDays } of backgroundJobs?.cleanup ?? []) await requests.send('PUT', '/resources/cleanup', { type, purgeAfterDays });
    },

    async stop() {
      await Promise.all([...workers].map((worker) => worker.stop()));
    },
  };
}
