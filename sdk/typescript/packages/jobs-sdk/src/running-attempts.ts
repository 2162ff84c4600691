import type { AttemptAbortedError } from './errors.js';
import type { AbortReason, RunFrame } from './frames.js';
import type { Invoke } from './handler.js';
import type { Link } from './link.js';
import { WorkerAttempt } from './worker-attempt.js';

/** The attempts that a process runs at the moment, one for each run at most. */
export class RunningAttempts {
  readonly #attempts = new Map<string, WorkerAttempt>();
  readonly #onResting: ((attempt: WorkerAttempt) => void) | undefined;
  #onIdle: (() => void) | undefined;

  /** @param onResting told once of an attempt that was aborted and whose handler does nothing any more */
  constructor(onResting?: (attempt: WorkerAttempt) => void) {
    this.#onResting = onResting;
  }

  /** @param invoke undefined hands the attempt back at once: this process takes no more */
  begin(frame: RunFrame, link: Link, invoke: Invoke | undefined): void {
    const running = this.#attempts.get(frame.run);
    if (running !== undefined) {
      if (running.epoch >= frame.epoch) return; // sent again by the suite: it runs already
      running.abort('superseded');
    }
    const attempt = new WorkerAttempt(frame, link, (done) => this.#finished(done), this.#onResting);
    this.#attempts.set(frame.run, attempt);
    if (invoke === undefined) attempt.release();
    else attempt.start(invoke);
  }

  abort(frame: { run: string; epoch: number; reason: AbortReason }): void {
    const attempt = this.#attempts.get(frame.run);
    if (attempt?.epoch === frame.epoch) attempt.abort(frame.reason);
  }

  abortAll(reason: AttemptAbortedError['reason']): void {
    for (const attempt of [...this.#attempts.values()]) attempt.abort(reason);
  }

  /** Hands back what still runs. */
  releaseAll(): void {
    for (const attempt of [...this.#attempts.values()]) attempt.release();
  }

  /** Resolves when nothing runs any more, or after the time. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.#attempts.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onIdle = undefined;
  }

  #finished(attempt: WorkerAttempt): void {
    if (this.#attempts.get(attempt.run) !== attempt) return;
    this.#attempts.delete(attempt.run);
    if (this.#attempts.size === 0) this.#onIdle?.();
  }
}
