import type { Attempt } from './attempt.js';
import type { LogLevel } from './frames.js';
import { stepNameIn } from './scope.js';

const LONGEST_LINE = 16 * 1024;

/** Writes to the run's log. Text is kept as it is, an error with its stack, anything else as JSON; parts are joined by spaces. */
export interface JobLog {
  debug(...parts: unknown[]): void;
  info(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
}

export function createLog(attempt: Attempt): JobLog {
  const at = (level: LogLevel) => (...parts: unknown[]): void => attempt.log(level, lineOf(parts), stepNameIn(attempt));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function lineOf(parts: unknown[]): string {
  const line = parts.map(textOf).join(' ');
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}… (cut)` : line;
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  if (part instanceof Error) return part.stack ?? String(part);
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return Object.prototype.toString.call(part); // a cycle, a BigInt: a log line never fails its handler
  }
}
