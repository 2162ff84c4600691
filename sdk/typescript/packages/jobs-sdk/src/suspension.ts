// Turns of the event loop that must pass without anything happening, so that every continuation that is ready has run.
const QUIET_TURNS = 2;

/** How long an attempt stays on when one of its promises settled beside a pending sleep, in milliseconds. */
export const LINGER_MS = 1_000;

/**
 * Decides when everything a handler still awaits is a durable wait: a sleep is pending, no step runs, no journal entry waits for its
 * acknowledgement, and no user code is ready to run.
 *
 * What a handler awaits outside of steps cannot be seen. Most handlers sleep with nothing else under way, and are suspended at once. Where a
 * step, emit or state call settled while a sleep was pending, the handler may have left the sleep behind (`Promise.race`) and be at work, so the
 * attempt lingers until nothing was called for a while. What is cut off even so is done again when the run wakes.
 */
export class SuspensionWatch {
  readonly #suspend: (waits: string[]) => void;
  readonly #lingerMs: number;
  readonly #waits: string[] = [];
  #busy = 0;
  #sleeps = 0;
  #changes = 0;
  #seen = 0;
  #turns = 0;
  #settledBesideSleep = false;
  #lingered = false;
  #looking = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(suspend: (waits: string[]) => void, lingerMs: number = LINGER_MS) {
    this.#suspend = suspend;
    this.#lingerMs = lingerMs;
  }

  /** A call of the context is under way. */
  begin(): void {
    this.#busy++;
    this.#changes++;
  }

  /** That call is about to settle. */
  end(): void {
    this.#busy--;
    if (this.#sleeps === 0) return;
    this.#changes++;
    this.#settledBesideSleep = true;
    this.#lookLater();
  }

  /** A sleep was called that is not over; it counts as busy until {@link sleepStored}. */
  sleepCalled(): void {
    this.#sleeps++;
    this.#busy++;
    this.#changes++;
  }

  /** Its due time is committed: from now on it is a durable wait. */
  sleepStored(key: string): void {
    this.#waits.push(key);
    this.#busy--;
    this.#changes++;
    this.#lookLater();
  }

  /** A sleep could not be stored, and its caller is told. */
  sleepFailed(): void {
    this.#sleeps--;
    this.end();
  }

  /** The attempt is over or its handler has returned. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    setImmediate(this.#look);
  }

  #look = (): void => {
    if (this.#closed) return;
    if (this.#busy > 0 || this.#waits.length === 0) {
      this.#looking = false; // the next end() or sleepStored() looks again
      return;
    }
    if (this.#seen !== this.#changes) {
      this.#seen = this.#changes;
      this.#turns = 0;
      this.#lingered = false;
    }
    if (this.#turns++ < QUIET_TURNS) {
      setImmediate(this.#look);
    } else if (this.#settledBesideSleep && !this.#lingered) {
      this.#lingered = true;
      this.#timer = setTimeout(this.#look, this.#lingerMs);
    } else {
      this.#suspend(this.#waits);
    }
  };
}
