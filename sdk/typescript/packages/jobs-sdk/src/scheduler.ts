import type { Attempt } from './attempt.js';
import { FatalError, replayDiffers } from './errors.js';
import { HANDLER_NAME, type Json, type ScheduledStart } from './frames.js';
import { NotJsonError, toJson } from './json.js';
import { scheduledRunId } from './scheduled-id.js';
import { scopeOf, type StepScope } from './scope.js';

/** A run that a handler has scheduled. */
export interface ScheduledFunction {
  readonly id: string;
  readonly functionPath: string;
  readonly args: Json;
  /** In epoch milliseconds. */
  readonly scheduledTime: number;
  /** `pending` until it begins; then the run's status. */
  readonly state: string;
  /** How many attempts have begun. */
  readonly attempts: number;
  /** The run that scheduled it. */
  readonly scheduledBy: string | null;
}

/**
 * Runs functions later. A function is named by its path: a job's name, or `namespace:function`, the export `function` of the deployed function
 * `namespace`. Inside a step a schedule commits with the step and is dropped when that fails; outside, it is committed when the promise
 * resolves. A replay schedules nothing twice.
 */
export interface JobScheduler {
  /**
   * Runs a function after a delay in milliseconds, counted from the commit; 0 is right after it. Gives the scheduled run's id.
   * @throws FatalError: `invalid_request` (it names the argument), `payload_too_large`, `handler_not_found` (it names what is spelled alike)
   */
  runAfter(delayMs: number, functionPath: string, args?: unknown): Promise<string>;
  /** The same at a time, in epoch milliseconds; one that is past is at once. */
  runAt(timestampMs: number | Date, functionPath: string, args?: unknown): Promise<string>;
  /** The org's scheduled functions that have not ended, the next one first. `limit` is 100 by default, 500 at most. */
  list(options?: { limit?: number }): Promise<ScheduledFunction[]>;
  /** One of them, also after its end; null where there is none of this id. */
  get(id: string): Promise<ScheduledFunction | null>;
  /** Cancels one that has not begun. `cancelled` is false where that came too late, or there is none of this id. */
  cancel(id: string): Promise<{ cancelled: boolean }>;
}

// As for sleeps: a hundred years. And what a time in RFC 3339 can say.
const LONGEST_MS = 36_525 * 86_400_000;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const MOST_LISTED = 500;
const RUN_ID = /^run_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

type When = Pick<ScheduledStart, 'run_at'> | Pick<ScheduledStart, 'delay_ms'>;

interface Shown {
  id: string;
  function_path: string;
  args: Json;
  scheduled_time: string;
  state: string;
  attempts: number;
  scheduled_by: string | null;
}

export class Scheduler implements JobScheduler {
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  runAfter(delayMs: number, functionPath: string, args?: unknown): Promise<string> {
    return this.#schedule('runAfter', functionPath, args, () => {
      if (typeof delayMs !== 'number' || !(delayMs >= 0 && delayMs <= LONGEST_MS))
        throw wrong('runAfter', 'delayMs', 'must be a number of milliseconds from 0 to 100 years', delayMs);
      return { delay_ms: Math.floor(delayMs) };
    });
  }

  runAt(timestampMs: number | Date, functionPath: string, args?: unknown): Promise<string> {
    return this.#schedule('runAt', functionPath, args, () => {
      const ms = timestampMs instanceof Date ? timestampMs.getTime() : timestampMs;
      if (typeof ms !== 'number' || !(ms >= 0 && ms <= LAST_MS))
        throw wrong('runAt', 'timestampMs', 'must be a time in epoch milliseconds, from 0 to the end of the year 9999', timestampMs);
      return { run_at: new Date(Math.floor(ms)).toISOString() };
    });
  }

  list(options: { limit?: number } = {}): Promise<ScheduledFunction[]> {
    const { limit = 100 } = options;
    return this.#attempt.call('scheduler.list()', async () => {
      if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED) throw wrong('list', 'limit', `must be a whole number from 1 to ${MOST_LISTED}`, limit);
      const { scope, answer } = await this.#read('list', null, () => this.#ask({ what: 'scheduled_list', limit }, 'list'));
      const own = (scope?.schedules ?? []).map((start) => this.#uncommitted(start));
      return [...(answer as unknown as Shown[]).map(shown), ...own].sort((a, b) => a.scheduledTime - b.scheduledTime).slice(0, limit);
    });
  }

  get(id: string): Promise<ScheduledFunction | null> {
    return this.#attempt.call(`scheduler.get('${id}')`, async () => {
      checkId('get', id);
      const own = this.#own(id);
      if (own !== undefined) return this.#uncommitted(own);
      const { answer } = await this.#read('get', id, () => this.#ask({ what: 'scheduled', of: id }, 'get'));
      return answer === null ? null : shown(answer as unknown as Shown);
    });
  }

  cancel(id: string): Promise<{ cancelled: boolean }> {
    return this.#attempt.call(`scheduler.cancel('${id}')`, async () => {
      checkId('cancel', id);
      const own = this.#own(id);
      if (own !== undefined) {
        const scope = scopeOf(this.#attempt)!;
        scope.schedules = scope.schedules!.filter((start) => start !== own);
        return { cancelled: true };
      }
      const { answer } = await this.#read('cancel', id, () => this.#ask({ what: 'cancel_scheduled', of: id }, 'cancel'));
      return answer as { cancelled: boolean };
    });
  }

  #schedule(call: string, functionPath: string, args: unknown, when: () => When): Promise<string> {
    return this.#attempt.call(`scheduler.${call}('${functionPath}')`, async () => {
      if (typeof functionPath !== 'string' || !HANDLER_NAME.test(functionPath))
        throw wrong(call, 'functionPath', "must be a job's name or 'namespace:function'", functionPath);
      const start = { args: argsOf(call, args), ...when() };
      const { frame, journal } = this.#attempt;
      const scope = scopeOf(this.#attempt);
      if (scope !== undefined) {
        const index = scope.scheduled++;
        const id = scheduledRunId(frame.run, `step:${scope.name}`, index);
        const job = await this.#jobOf(call, functionPath, start.args);
        scopeOf(this.#attempt); // the step may have ended meanwhile, and says so
        (scope.schedules ??= []).push({ index, id, job, ...start });
        return id;
      }

      const { key, entry } = journal.next('schedule');
      if (entry !== undefined) {
        const done = entry.output as { id: string; function_path: string };
        if (done.function_path !== functionPath) throw replayDiffers(`a schedule of '${done.function_path}'`, `schedules '${functionPath}'`, 'ctx.scheduler');
        return done.id;
      }
      const id = scheduledRunId(frame.run, key, 0);
      const job = await this.#jobOf(call, functionPath, start.args);
      if (this.#attempt.phase === 'stopped') return this.#attempt.park();
      await journal.write({ key, output: { id, function_path: functionPath }, schedules: [{ index: 0, id, job, ...start }] });
      return id;
    });
  }

  /** The job that a path means: asked for at each call, so that a path that is nothing is an error there and not in the middle of the night. */
  async #jobOf(call: string, functionPath: string, args: Json): Promise<string> {
    const bytes = Buffer.byteLength(JSON.stringify(args));
    const answer = await this.#attempt.journal.ask({ what: 'target', of: functionPath, bytes }, `ctx.scheduler.${call}`);
    return (answer as { job: string }).job;
  }

  #ask(question: Parameters<Attempt['journal']['ask']>[0], call: string): Promise<Json> {
    return this.#attempt.journal.ask(question, `ctx.scheduler.${call}`);
  }

  /** An answer is journaled outside of steps, so that a replay gets the same one; inside, it belongs to the step. */
  async #read(call: string, of: string | null, ask: () => Promise<Json>): Promise<{ scope: StepScope | undefined; answer: Json }> {
    const scope = scopeOf(this.#attempt);
    if (scope !== undefined) return { scope, answer: await ask() };
    const { key, entry } = this.#attempt.journal.next('scheduler');
    if (entry !== undefined) {
      const done = entry.output as { call: string; of: string | null; answer: Json };
      if (done.call !== call || done.of !== of)
        throw replayDiffers(`a ${done.call} of '${String(done.of)}'`, `calls ${call} of '${String(of)}'`, 'ctx.scheduler');
      return { scope, answer: done.answer };
    }
    const answer = await ask();
    if (this.#attempt.phase === 'stopped') return this.#attempt.park();
    await this.#attempt.journal.write({ key, output: { call, of, answer } });
    return { scope, answer };
  }

  /** What this very step has scheduled: nobody else knows of it yet. */
  #own(id: string): ScheduledStart | undefined {
    return scopeOf(this.#attempt)?.schedules?.find((start) => start.id === id);
  }

  #uncommitted({ id, job, args, run_at: at, delay_ms: delay = 0 }: ScheduledStart): ScheduledFunction {
    const scheduledTime = at === undefined ? Date.now() + delay : Date.parse(at);
    return { id, functionPath: job, args, scheduledTime, state: 'pending', attempts: 0, scheduledBy: this.#attempt.frame.run };
  }
}

function shown(found: Shown): ScheduledFunction {
  return {
    id: found.id, functionPath: found.function_path, args: found.args, scheduledTime: Date.parse(found.scheduled_time), state: found.state, attempts: found.attempts,
    scheduledBy: found.scheduled_by,
  };
}

function argsOf(call: string, args: unknown): Json {
  try {
    return toJson(args);
  } catch (problem) {
    if (!(problem instanceof NotJsonError)) throw problem;
    throw new FatalError(`ctx.scheduler.${call}: args cannot be sent as JSON: ${problem.message}`, { code: 'invalid_request', cause: problem });
  }
}

function checkId(call: string, id: string): void {
  if (typeof id !== 'string' || !RUN_ID.test(id)) throw wrong(call, 'id', 'must be an id that runAfter or runAt gave', id);
}

function wrong(call: string, argument: string, rule: string, got: unknown): FatalError {
  return new FatalError(`ctx.scheduler.${call}: ${argument} ${rule}, got ${typeof got === 'string' ? `'${got}'` : String(got)}`, { code: 'invalid_request' });
}
