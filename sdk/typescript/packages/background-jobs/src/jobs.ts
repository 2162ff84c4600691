/** A name, or a whole number from -100 to 100; a higher one starts first. */
export type Priority = 'low' | 'normal' | 'medium' | 'high' | 'critical' | number;

export interface RetryOptions {
  /** Attempts after the first one. */
  retries: number;
  /** The pause before the first of them, in milliseconds. Default 1,000. */
  wait?: number;
  /** How the pauses go on: the same again, by as much longer each time, or twice as long each time. Default `constant`. */
  backoff?: 'constant' | 'linear' | 'exponential';
}

export interface JobSchedule<Data = unknown> {
  /** Which worker works on it: `[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}`. */
  type: string;
  data?: Data;
  /** Of all jobs of this type from now on. Left out, it is as it was; a new type has one attempt. */
  retry?: RetryOptions;
  /** Default `normal`. */
  priority?: Priority;
  /** Repeats it: any text that later.js can parse, `every day`, or a crontab expression; in UTC. Left out, it runs once. */
  schedule?: string;
  /** Cancels what else of this type waits to start, and its other schedules. What has begun goes on. */
  cancelRepeats?: boolean;
}

export interface Progress {
  completed: number;
  total: number;
  /** 0 to 100. */
  percent: number;
}

/** A job as it is kept: one that runs, or a schedule. */
export interface JobDocument<Data = unknown> {
  /** `run_…`, or `trg_…` of a schedule. */
  id: string;
  type: string;
  data: Data;
  status: 'scheduled' | 'pending' | 'running' | 'sleeping' | 'retrying' | 'completed' | 'failed' | 'cancelled';
  priority: string;
  /** What its worker has said last; null before. */
  progress: Progress | null;
  schedule: string | null;
  createdAt: string;
  /** When it starts, or starts next. */
  runAt: string | null;
  completedAt: string | null;
  /** The attempt that runs, or comes next; 0 of a schedule. */
  attempt: number;
  maxAttempts: number;
  /** What `job.done` was given. */
  result: unknown;
  error: { name: string; message: string; code: string | null; stack: string | null; step: string | null } | null;
}

export interface CancelFilter {
  type: string;
  /** Only jobs whose data holds this: the same fields with the same values, at any depth. */
  data?: unknown;
}

export interface Cancelled {
  cancelled: number;
  ids: string[];
}

export interface CleanupRequest {
  type: string;
  /** Finished jobs go after so many days, 1 to 36,500. */
  purgeAfterDays: number;
}

/** What of a plugin's options is about background jobs; others are left alone. */
export interface PluginOptions {
  backgroundJobs?: { cleanup?: CleanupRequest[] };
  [option: string]: unknown;
}
