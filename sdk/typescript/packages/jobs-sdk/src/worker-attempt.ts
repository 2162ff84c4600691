import { Attempt, type AttemptPort } from './attempt.js';
import type { AttemptAbortedError } from './errors.js';
import type { Checkpoint, ErrorReport, LogEntry, Question, RunFrame } from './frames.js';
import type { Invoke } from './handler.js';
import type { Answered } from './journal.js';
import type { Link, Sender } from './link.js';
import type { Outcome } from './outcome.js';

/** An attempt that runs over a worker's connection, until its outcome is acknowledged. */
export class WorkerAttempt implements AttemptPort, Sender {
  readonly run: string;
  readonly epoch: number;
  gone = false;

  readonly #link: Link;
  readonly #attempt: Attempt;
  readonly #done: (self: WorkerAttempt) => void;
  #onResting: ((self: WorkerAttempt) => void) | undefined;

  /**
   * @param done called once: the outcome is acknowledged, or the attempt was taken away
   * @param onResting called at most once: the attempt was aborted, and its handler does nothing any more
   */
  constructor(frame: RunFrame, link: Link, done: (self: WorkerAttempt) => void, onResting?: (self: WorkerAttempt) => void) {
    this.run = frame.run;
    this.epoch = frame.epoch;
    this.#link = link;
    this.#done = done;
    this.#onResting = onResting;
    this.#attempt = new Attempt(frame, this);
  }

  start(invoke: Invoke): void {
    const { payload } = this.#attempt.frame;
    void this.#attempt.start(invoke, payload === undefined ? 'null' : JSON.stringify(payload));
  }

  abort(reason: AttemptAbortedError['reason']): void {
    if (this.gone) return;
    this.gone = true;
    this.#attempt.abort(reason);
    this.#done(this);
  }

  /** Hands the attempt back to the suite, unless its outcome is already on its way. */
  release(): void {
    if (this.#attempt.over) return;
    this.#attempt.abort('released');
    this.#request('release', '', () => this.#done(this));
  }

  commit(checkpoint: Checkpoint, answered: Answered): void {
    const id = this.#link.nextId();
    const { run, epoch } = this;
    this.#link.request(id, JSON.stringify({ t: 'checkpoint', id, run, epoch, ...checkpoint }), this, answered);
  }

  ask(question: Question, answered: Answered): void {
    const id = this.#link.nextId();
    const { run, epoch } = this;
    this.#link.request(id, JSON.stringify({ t: 'ask', id, run, epoch, ...question }), this, answered);
  }

  log(entry: LogEntry): void {
    this.#link.log(this, entry);
  }

  resting(): void {
    this.#onResting?.(this);
    this.#onResting = undefined;
  }

  superseded(): void {
    this.gone = true;
    this.#done(this);
  }

  ended(outcome: Outcome): void {
    this.#settle(outcome, (refusal) => {
      if (refusal === null || refusal.code === 'superseded') {
        this.#done(this);
        return;
      }
      // A result over the limit, say: the run ends as failed for that, rather than hang until its timeout.
      const error: ErrorReport = { name: 'OutcomeRefusedError', message: refusal.message, code: refusal.code, stack: null, step: null };
      this.#settle({ kind: 'failed', error, fatal: refusal.code !== 'duplicate' }, () => this.#done(this));
    });
  }

  #settle(outcome: Outcome, answered: Answered): void {
    switch (outcome.kind) {
      case 'completed':
        this.#request('finish', `,"outcome":"completed","result":${outcome.result}`, answered);
        return;
      case 'failed': {
        const { error, fatal, retryAfterMs } = outcome;
        const after = retryAfterMs === undefined ? '' : `,"retry_after_ms":${retryAfterMs}`;
        this.#request('finish', `,"outcome":"failed","error":${JSON.stringify(error)},"fatal":${fatal}${after}`, answered);
        return;
      }
      case 'suspended':
        this.#request('suspend', `,"waits":${JSON.stringify(outcome.waits)}`, answered);
    }
  }

  // Built as text, because a completed run's result is text already.
  #request(type: string, fields: string, answered: Answered): void {
    const id = this.#link.nextId();
    this.#link.request(id, `{"t":"${type}","id":${id},"run":${JSON.stringify(this.run)},"epoch":${this.epoch}${fields}}`, this, answered);
  }
}
