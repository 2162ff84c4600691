// What the suite's own runner of deployed functions is built of. Not for others: it may change with any version.
export { FatalError, reportOf, RetryableError } from './errors.js';
export { Link, type LinkEvents } from './link.js';
export { RunningAttempts } from './running-attempts.js';
export { createHttpHandler } from './http.js';
export { invocationOf, type Invoke } from './handler.js';
export type { JobContext } from './context.js';
export type { JobLog } from './log.js';
export type { Line, LineEvents } from './line.js';
export type { RunFrame } from './frames.js';
export { PROTOCOL_VERSION, SDK_NAME, SDK_VERSION } from './version.js';
