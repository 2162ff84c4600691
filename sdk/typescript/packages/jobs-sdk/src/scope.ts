import { AsyncLocalStorage } from 'node:async_hooks';
import { FatalError } from './errors.js';
import type { EmittedEvent, Json, ScheduledStart } from './frames.js';

/** What one try of a step writes; it is committed with the step's output, or dropped with its failure. */
export interface StepScope {
  readonly name: string;
  /** The attempt that the step belongs to: a handler may call into another run's context. */
  readonly owner: object;
  /** False once the try has ended. */
  open: boolean;
  /** Null stands for a deleted key. */
  state: Record<string, Json> | undefined;
  events: EmittedEvent[] | undefined;
  schedules: ScheduledStart[] | undefined;
  /** How many schedules were called for: the next one's index. */
  scheduled: number;
}

// Follows each step through its own awaits, so that parallel steps do not mix their writes.
const current = new AsyncLocalStorage<StepScope>();

/** Runs one try of a step so that {@link scopeOf} finds its scope. */
export function runInScope<T>(scope: StepScope, fn: () => T): T {
  return current.run(scope, fn);
}

/**
 * The step of this attempt that the caller is in, if any.
 * @throws FatalError when that step has ended: something in it was not awaited, and what it writes now would be lost.
 */
export function scopeOf(owner: object): StepScope | undefined {
  const scope = current.getStore();
  if (scope === undefined || scope.owner !== owner) return undefined;
  if (!scope.open) {
    throw new FatalError(
      `code of step '${scope.name}' used the context after the step had ended; await everything that the step starts`, { code: 'step_ended' });
  }
  return scope;
}

/** The name of the step of this attempt that the caller is in, ended or not. */
export function stepNameIn(owner: object): string | null {
  const scope = current.getStore();
  return scope !== undefined && scope.owner === owner ? scope.name : null;
}
