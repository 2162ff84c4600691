export { createBackgroundJobs, type BackgroundJobs, type BackgroundJobsOptions } from './background-jobs.js';
export { RequestRefused } from './requests.js';
export type { CancelFilter, Cancelled, CleanupRequest, JobDocument, JobSchedule, PluginOptions, Priority, Progress, RetryOptions } from './jobs.js';
export type { RunningJob, Worker, WorkerInstance, WorkerOptions } from './worker.js';
