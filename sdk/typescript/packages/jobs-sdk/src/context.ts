import type { Attempt } from './attempt.js';
import type { StepRetry } from './backoff.js';
import type { Duration } from './duration.js';
import { emit } from './events.js';
import type { Trigger } from './frames.js';
import { createLog, type JobLog } from './log.js';
import { sleep } from './sleep.js';
import { Scheduler, type JobScheduler } from './scheduler.js';
import { RunState, type JobState } from './state.js';
import { runStep } from './step.js';
import type { Stored } from './stored.js';

/** Options of {@link JobContext.step}. */
export interface StepOptions {
  /** Tries this step again inside the attempt before its failure reaches the handler. Default: one try. A FatalError is not tried again. */
  retry?: StepRetry;
}

/** The run that a handler works for. */
export interface RunInfo {
  /** `run_` and a ULID. */
  readonly id: string;
  readonly jobId: string;
  /** From 1. A wake from sleep and a lost attempt do not count up. */
  readonly attempt: number;
  /** What started the run. */
  readonly trigger: Trigger;
  readonly orgId: string;
}

/**
 * What a handler gets beside its request. Everything done through it is journaled: when the run is tried again or wakes, the handler runs from
 * its start and finds what is already done. Handlers must therefore call it in the same order each time; what differs between attempts (time,
 * chance, what other systems say) belongs into a step.
 */
export interface JobContext {
  /**
   * Runs `fn` once and stores what it returns before the promise resolves; in later attempts gives the stored output without running `fn`.
   * The output goes through JSON the first time too (see {@link Stored}): `undefined` is null, a Date is its ISO string.
   * Steps may run in parallel (`Promise.all`), but not inside each other. When the handler returns, a step that still runs is given up.
   * @param name unique in the run among steps and sleeps; in a loop add the index
   * @throws what `fn` threw; FatalError when the name repeats, the step is nested, the output is not JSON or over the limit (1 MiB by default)
   */
  step<T>(name: string, fn: () => T | PromiseLike<T>, options?: StepOptions): Promise<Stored<T>>;
  /**
   * Sleeps durably: the worker is released, and the run wakes when the time is over, also after a restart. The due time is fixed when the
   * sleep is first met. While a sleep is pending, what the handler awaits outside of steps may be cut off and done again at the wake.
   * @param name unique in the run among steps and sleeps
   * @param duration `500ms 30s 5m 24h 7d`, ISO 8601 (`PT1H30M`), or a number of milliseconds
   */
  sleep(name: string, duration: Duration): Promise<void>;
  /**
   * Emits an event, which starts the jobs that have a trigger for exactly this topic. Delivered at least once. Inside a step it commits with
   * the step and is dropped when that fails; outside, it is committed when the promise resolves, and not repeated by a replay.
   */
  emit(topic: string, payload?: unknown): Promise<void>;
  readonly state: JobState;
  readonly scheduler: JobScheduler;
  /** Lines of the run's log. A replay writes the lines outside of steps again. */
  readonly log: JobLog;
  /** Aborts when the run is cancelled, out of time or taken away from this worker; its reason is an {@link AttemptAbortedError}. */
  readonly signal: AbortSignal;
  readonly run: RunInfo;
}

export function createContext(attempt: Attempt): JobContext {
  const { run, job, attempt: number, trigger, org } = attempt.frame;
  return {
    step: (name, fn, options) => runStep(attempt, name, fn, options),
    sleep: (name, duration) => sleep(attempt, name, duration),
    emit: (topic, payload) => emit(attempt, topic, payload),
    state: new RunState(attempt),
    scheduler: new Scheduler(attempt),
    log: createLog(attempt),
    // Made on demand: most handlers never look at it.
    get signal() { return attempt.signal; },
    run: { id: run, jobId: job, attempt: number, trigger: withDetail(trigger), orgId: org },
  };
}

/** What is told of some kinds stands beside their kind and id, which it cannot replace. */
function withDetail(trigger: Trigger): Trigger {
  const { detail } = trigger;
  return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? { ...detail, ...trigger } : trigger;
}
