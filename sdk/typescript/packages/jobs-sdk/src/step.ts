import type { Attempt } from './attempt.js';
import { stepRetryDelay, stepRetryProblem } from './backoff.js';
import type { StepOptions } from './context.js';
import { FatalError, isFatal, retryAfterOf } from './errors.js';
import type { Json } from './frames.js';
import { NotJsonError, toJson } from './json.js';
import { runInScope, scopeOf, type StepScope } from './scope.js';
import type { Stored } from './stored.js';

/** `ctx.step`: the stored output, or one run of `fn` whose output, state writes and events are committed together. */
export function runStep<T>(attempt: Attempt, name: string, fn: () => T | PromiseLike<T>, options?: StepOptions): Promise<Stored<T>> {
  return attempt.call(`step '${name}'`, () => {
    const outer = scopeOf(attempt);
    if (outer !== undefined) {
      throw new FatalError(
        `step '${name}' was started inside step '${outer.name}': steps cannot be nested. Call it after the outer one, or make it a plain function`,
        { code: 'step_nested' });
    }
    const problem = typeof fn !== 'function' ? 'the second argument must be a function' : options?.retry && stepRetryProblem(options.retry);
    if (problem) throw new FatalError(`step '${name}': ${problem}`, { code: 'step_invalid' });

    const entry = attempt.journal.claim('step', name);
    return (entry === undefined ? perform(attempt, name, fn, options) : entry.output ?? null) as Stored<T> | Promise<Stored<T>>;
  });
}

async function perform(attempt: Attempt, name: string, fn: () => unknown, options: StepOptions | undefined): Promise<Json> {
  const startedAt = Date.now();
  attempt.runningSteps.add(name);
  try {
    const { output, scope } = await tryUntilDone(attempt, name, fn, options);
    if (attempt.phase !== 'running') return attempt.park();
    attempt.runningSteps.delete(name);
    await attempt.journal.write({
      key: `step:${name}`,
      output,
      ...(scope.state && { state: scope.state }),
      ...(scope.events && { events: scope.events }),
      ...(scope.schedules && { schedules: scope.schedules }),
      started_at: new Date(startedAt).toISOString(),
      duration_ms: Math.max(0, Date.now() - startedAt), // the clock may have been set back
    });
    return output;
  } catch (thrown) {
    attempt.failedSteps.set(thrown, name);
    throw thrown;
  } finally {
    attempt.runningSteps.delete(name);
  }
}

async function tryUntilDone(attempt: Attempt, name: string, fn: () => unknown, options: StepOptions | undefined) {
  const retry = options?.retry;
  for (let tries = 1; ; tries++) {
    // A scope for each try: what a failed one wrote and emitted is gone with it.
    const scope: StepScope = { name, owner: attempt, open: true, state: undefined, events: undefined, schedules: undefined, scheduled: 0 };
    try {
      const output = outputOf(name, await runInScope(scope, fn));
      return { output, scope };
    } catch (thrown) {
      if (retry === undefined || tries >= retry.maxAttempts || isFatal(thrown) || attempt.phase !== 'running') throw thrown;
      const delay = Math.max(stepRetryDelay(retry, tries), retryAfterOf(thrown) ?? 0);
      attempt.log('warn', `try ${tries} of ${retry.maxAttempts} failed, next in ${delay} ms: ${String(thrown)}`, name);
      await attempt.pause(delay);
    } finally {
      scope.open = false;
    }
  }
}

function outputOf(name: string, value: unknown): Json {
  try {
    return toJson(value);
  } catch (problem) {
    if (!(problem instanceof NotJsonError)) throw problem;
    throw new FatalError(`the output of step '${name}' cannot be stored as JSON: ${problem.message}`, { code: 'output_not_json', cause: problem });
  }
}
