import type { Attempt } from './attempt.js';
import { durationMs, type Duration } from './duration.js';
import { FatalError } from './errors.js';
import { never } from './never.js';
import { scopeOf } from './scope.js';

/** `ctx.sleep`: resolves only in the attempt that finds the sleep over; before that the attempt is suspended under it. */
export function sleep(attempt: Attempt, name: string, duration: Duration): Promise<void> {
  const slept = fallAsleep(attempt, name, duration);
  slept.catch(() => {}); // as in Attempt.call
  return slept;
}

async function fallAsleep(attempt: Attempt, name: string, duration: Duration): Promise<void> {
  if (!attempt.enter(`sleep '${name}'`)) return attempt.park();
  const scope = scopeOf(attempt);
  if (scope !== undefined) {
    throw new FatalError(
      `sleep '${name}' was called inside step '${scope.name}': a step cannot be suspended. Sleep between steps`, { code: 'sleep_nested' });
  }
  const ms = durationMs(duration);
  const entry = attempt.journal.claim('sleep', name);
  const { watch } = attempt;
  if (entry?.done === true) {
    watch.begin();
    await null;
    watch.end();
    return undefined;
  }

  const key = `sleep:${name}`;
  watch.sleepCalled();
  if (entry === undefined) {
    try {
      await attempt.journal.write({ key, sleep_ms: ms });
    } catch (refused) {
      watch.sleepFailed();
      throw refused;
    }
  }
  watch.sleepStored(key);
  return never();
}
