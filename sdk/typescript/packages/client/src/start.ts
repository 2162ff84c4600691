import type { Json } from './json.js';

/** How a run is started. */
export interface StartOptions {
  /** Any JSON of up to 1 MiB; the handler gets it as it is given. Default null. */
  payload?: unknown;
  /** Not before this time; a string is RFC 3339. */
  runAt?: Date | string;
  /** Not before this has passed: `500ms`, `30s`, `5m`, `24h`, `7d`, ISO 8601, or a number of milliseconds. */
  delay?: string | number;
  /** Default `normal`; a number from -100 to 100. The highest due run of a job starts first. */
  priority?: 'low' | 'normal' | 'medium' | 'high' | 'critical' | number;
  /** Limit of one attempt, in place of the job's. */
  timeoutMs?: number;
  /** For 24 hours the same key gives the same run of that job. */
  idempotencyKey?: string;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof StartOptions>(['payload', 'runAt', 'delay', 'priority', 'timeoutMs', 'idempotencyKey']);

/** Both forms of a start: options, which have a `payload`, or the payload itself. */
export function startOf(given: StartOptions | Json | undefined): StartOptions {
  if (given === undefined) return {};
  const isOptions = typeof given === 'object' && given !== null && !Array.isArray(given) && 'payload' in given && Object.keys(given).every((name) => OPTIONS.has(name));
  return isOptions ? given as StartOptions : { payload: given };
}
