import { AsyncLocalStorage } from 'node:async_hooks';
import { format } from 'node:util';
import type { JobContext, JobLog } from '@reactor/jobs-sdk/runtime';

const METHODS: Record<string, keyof JobLog> = { log: 'info', info: 'info', debug: 'debug', trace: 'debug', warn: 'warn', error: 'error' };

// More than the executor keeps of one attempt: it counts for itself and says what is dropped, this only spares both the transport.
const MOST_CHARACTERS = 4 * 1024 * 1024;

interface Writer {
  readonly log: JobLog;
  left: number;
}

const current = new AsyncLocalStorage<Writer>();

/** Runs a handler so that what it writes to the console becomes lines of its run's log. */
export function withConsole<T>(ctx: JobContext, handler: () => T): T {
  return current.run({ log: ctx.log, left: MOST_CHARACTERS }, handler);
}

/** Redirects the console. What is written outside of an attempt goes to the process's own output, as before. */
export function captureConsole(): void {
  const target = console as unknown as Record<string, (...parts: unknown[]) => void>;
  for (const [method, level] of Object.entries(METHODS)) {
    const original = target[method]!.bind(console);
    target[method] = (...parts) => {
      const writer = current.getStore();
      if (writer === undefined) {
        original(...parts);
        return;
      }
      if (writer.left <= 0) return;
      const line = format(...parts);
      writer.left -= line.length + 1;
      writer.log[level](line);
    };
  }
}
