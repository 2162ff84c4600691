// The frames of the worker protocol, version 1 (docs/worker-protocol.md), spelled as on the wire.

/** A value that survives JSON unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * What started a run: `manual`, `cron`, `webhook`, `event`, `data`, `sql`, `schedule` or `effect` (the id of these two is the run that scheduled it), with more fields for some kinds
 * (a webhook's headers).
 */
export interface Trigger {
  readonly kind: string;
  readonly id: string | null;
  readonly [field: string]: unknown;
}

/** How a failed run or attempt is stored. Fields that do not apply are null. */
export interface ErrorReport {
  name: string;
  message: string;
  code: string | null;
  stack: string | null;
  /** The step that threw it, or null when the handler did outside of one. */
  step: string | null;
}

/** One committed entry of a run's journal. */
export interface JournalEntry {
  key: string;
  output?: Json;
  state?: Record<string, Json>;
  due_at?: string;
  done?: boolean;
}

export interface EmittedEvent {
  topic: string;
  payload: Json;
}

/** A run that starts once its entry is committed: at a time, or so long after the commit. */
export interface ScheduledStart {
  index: number;
  /** Follows from the run, the entry's key and the index. */
  id: string;
  job: string;
  args: Json;
  run_at?: string;
  delay_ms?: number;
}

/** An `ask` before its sender has given it an id. */
export interface Question {
  what: 'target' | 'scheduled' | 'scheduled_list' | 'cancel_scheduled';
  of?: string;
  bytes?: number;
  limit?: number;
}

export interface RunFrame {
  t: 'run';
  run: string;
  epoch: number;
  attempt: number;
  max_attempts: number;
  job: string;
  handler: string;
  org: string;
  trigger: Trigger;
  payload: Json;
  timeout_ms: number;
  entries: JournalEntry[];
}

/** A `checkpoint` before its sender has given it an id. */
export interface Checkpoint {
  key: string;
  output?: Json;
  state?: Record<string, Json>;
  events?: EmittedEvent[];
  schedules?: ScheduledStart[];
  sleep_ms?: number;
  started_at?: string;
  duration_ms?: number;
}

export interface LogEntry {
  ts: string;
  level: LogLevel;
  step: string | null;
  message: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type AbortReason = 'cancelled' | 'timeout' | 'superseded' | 'lost';

/** The last three answer an `ask` only. */
export type RefuseCode =
  'superseded' | 'too_large' | 'invalid' | 'duplicate' | 'unavailable' | 'handler_not_found' | 'payload_too_large' | 'invalid_request';

export interface Reply {
  t: 'reply';
  id: number;
  value: Json;
}

export interface Ack {
  t: 'ack';
  ids: number[];
  due?: Record<string, string>;
}

export interface Refuse {
  t: 'refuse';
  id: number;
  code: RefuseCode;
  message: string;
}

export interface Welcome {
  t: 'welcome';
  protocol: number;
  worker: string;
  heartbeat_ms: number;
  limits?: { output_bytes?: number; state_bytes?: number; run_bytes?: number; depth?: number };
}

export type ServerFrame =
  | Welcome
  | RunFrame
  | Ack
  | Refuse
  | Reply
  | { t: 'abort'; run: string; epoch: number; reason: AbortReason }
  | { t: 'ping' }
  | { t: 'pong' }
  | { t: 'error'; code: string; message: string };

/** The largest message either side accepts, in bytes of UTF-8. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** A job's or handler's name, as the server checks it. */
export const HANDLER_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
