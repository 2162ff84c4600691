export { createClient, type Client, type ClientAuth } from './client.js';
export type { ClientOptions } from './transport.js';
export { ReactorError, type FieldError } from './errors.js';
export type { Job, JobChange, JobDefinition, Jobs, Manifest, ManifestOutcome, Retry, RetryPolicy } from './jobs.js';
export type { Attempt, DeadLetter, DeadLetters, Run, RunDetail, RunError, RunFilter, Runs, RunStatus, Step } from './runs.js';
export type { StartOptions } from './start.js';
export type { Trigger, TriggerDefinition, Triggers } from './triggers.js';
export type { Json, Page } from './json.js';
