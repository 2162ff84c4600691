import { createContext } from './context.js';
import { AttemptAbortedError, FatalError, reportOf } from './errors.js';
import type { LogEntry, LogLevel, Refuse, RunFrame } from './frames.js';
import { jobRequest, type Invoke } from './handler.js';
import { Journal, type JournalPort } from './journal.js';
import { never } from './never.js';
import { failureOf, outcomeOf, type Failed, type Outcome } from './outcome.js';
import { pause } from './pause.js';
import { SuspensionWatch } from './suspension.js';

/** What an attempt needs of its surroundings: the worker's connection, or the callback of the HTTP form. */
export interface AttemptPort extends JournalPort {
  log(entry: LogEntry): void;
  /** Called at most once, after every journal entry was answered; not called for an attempt that was aborted. */
  ended(outcome: Outcome): void;
  /** The suite has given the run to somebody else, or ended it. */
  superseded(): void;
  /** The attempt was aborted, and its handler has ended, or awaits what never comes. May be called more than once. */
  resting?(): void;
}

/** One attempt of a run: drives the handler and keeps what its context's parts share. */
export class Attempt {
  readonly frame: RunFrame;
  readonly journal: Journal;
  readonly watch: SuspensionWatch;
  /** Steps whose function runs now. */
  readonly runningSteps = new Set<string>();
  /** What steps threw, with the step's name: the handler may pass it on. */
  readonly failedSteps = new Map<unknown, string>();
  /** `returned`: the handler is done, its calls from now on fail. `stopped`: aborted or suspended, its promises never settle. */
  phase: 'running' | 'returned' | 'stopped' = 'running';

  readonly #port: AttemptPort;
  #controller: AbortController | undefined;
  #abortedBy: AttemptAbortedError | undefined;
  #over = false;

  constructor(frame: RunFrame, port: AttemptPort, lingerMs?: number) {
    this.frame = frame;
    this.#port = port;
    this.journal = new Journal(frame.entries ?? [], port, (refusal, key) => this.#broken(refusal, key));
    this.watch = new SuspensionWatch((waits) => this.#suspend(waits), lingerMs);
  }

  /** True once the outcome is decided: nothing but that is sent any more. */
  get over(): boolean {
    return this.#over;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedBy) this.#controller.abort(this.#abortedBy);
    }
    return this.#controller.signal;
  }

  /** Runs the handler to its end. Never rejects. */
  async start(invoke: Invoke, body: string): Promise<void> {
    let outcome: Outcome;
    try {
      const returned = await invoke(jobRequest(this.frame.job, body), createContext(this));
      if (!this.#returned()) return this.#rest();
      outcome = await outcomeOf(returned);
      this.#warnOfRunningSteps();
    } catch (thrown) {
      if (!this.#returned()) return this.#rest();
      outcome = failureOf(thrown, this.#stepOf(thrown));
    }
    try {
      const drained = this.journal.drain();
      if (drained !== undefined) await drained;
    } catch (refused) {
      outcome = failureOf(refused, this.#stepOf(refused));
    }
    this.#end(outcome);
  }

  /** Stops the attempt: its signal aborts, its promises never settle, nothing more is sent for it. */
  abort(reason: AttemptAbortedError['reason']): void {
    if (this.#over) return;
    this.#stop();
    this.#abortedBy = new AttemptAbortedError(reason);
    this.#controller?.abort(this.#abortedBy);
  }

  /**
   * One call of the context, counted for suspension. Its promise may be left unawaited without ending the process.
   * @param what names the call in errors
   */
  call<T>(what: string, act: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const result = this.#call(what, act) as Promise<T>;
    // A journal entry that nobody awaits fails the attempt in start(); it must not also end the process as an unhandled rejection.
    result.catch(() => {});
    return result;
  }

  /**
   * Whether a call of the context may go ahead: false when the attempt was stopped, and the call must never settle.
   * @throws FatalError when the handler has returned.
   */
  enter(what: string): boolean {
    if (this.phase === 'returned') {
      throw new FatalError(
        `${what} was called after the handler had returned, so it cannot be part of the run; await everything before returning`,
        { code: 'handler_returned' });
    }
    return this.phase === 'running';
  }

  log(level: LogLevel, message: string, step: string | null): void {
    if (!this.#over) this.#port.log({ ts: new Date().toISOString(), level, step, message });
  }

  /** Waits inside the attempt, in milliseconds; never resolves once it was stopped. */
  async pause(ms: number): Promise<void> {
    await pause(ms, this.signal);
    if (this.#stopped()) return this.park();
  }

  /** For a call of the context that must not settle, since the attempt was stopped. */
  park<T>(): Promise<T> {
    this.#rest();
    return never();
  }

  async #call<T>(what: string, act: () => T | Promise<T>): Promise<T> {
    if (!this.enter(what)) return this.park();
    this.watch.begin();
    try {
      const value = await act();
      return this.#stopped() ? this.park() : value;
    } catch (thrown) {
      if (this.#stopped()) return this.park();
      throw thrown;
    } finally {
      this.watch.end();
    }
  }

  #returned(): boolean {
    if (this.phase === 'running') {
      this.phase = 'returned';
      this.watch.close();
    }
    return this.phase === 'returned';
  }

  // As a method, since the phase changes during an await where the compiler thinks it knows it.
  #stopped(): boolean {
    return this.phase === 'stopped';
  }

  #end(outcome: Outcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#port.ended(outcome);
  }

  #suspend(waits: string[]): void {
    if (this.#over) return;
    this.#stop();
    this.#port.ended({ kind: 'suspended', waits });
  }

  #rest(): void {
    if (this.#abortedBy !== undefined) this.#port.resting?.();
  }

  #stop(): void {
    this.#over = true;
    this.phase = 'stopped';
    this.watch.close();
  }

  #broken(refusal: Pick<Refuse, 'code' | 'message'>, key: string): void {
    if (this.#over) return this.#rest();
    this.abort(refusal.code === 'superseded' ? 'superseded' : 'failed');
    if (refusal.code === 'superseded') {
      this.#port.superseded();
      return;
    }
    const step = key.startsWith('step:') ? key.slice(5) : null;
    const error = reportOf(new Error(`the journal refused '${key}': ${refusal.message}`), step);
    const failed: Failed = { kind: 'failed', error: { ...error, name: 'JournalError', code: refusal.code }, fatal: refusal.code === 'invalid' };
    this.#port.ended(failed);
  }

  #stepOf(thrown: unknown): string | null {
    for (let error = thrown, depth = 0; error !== undefined && depth < 8; error = (error as Error | null)?.cause, depth++) {
      const step = this.failedSteps.get(error);
      if (step !== undefined) return step;
    }
    return null;
  }

  #warnOfRunningSteps(): void {
    for (const step of this.runningSteps) {
      this.log('warn', `the handler returned while step '${step}' was running; its outcome is not kept. Await every step`, step);
    }
  }
}
