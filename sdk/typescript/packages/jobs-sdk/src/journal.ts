import { FatalError } from './errors.js';
import type { Checkpoint, Json, JournalEntry, Question, Refuse } from './frames.js';

/** Called once when a checkpoint is committed (`refusal` null, for a sleep with its due time), a question is answered, or either is refused for good. */
export type Answered = (refusal: Pick<Refuse, 'code' | 'message'> | null, due?: string, value?: Json) => void;

/** Where checkpoints go. It sends again what is refused as `unavailable`, and drops what belongs to an attempt that is over. */
export interface JournalPort {
  commit(checkpoint: Checkpoint, answered: Answered): void;
  ask(question: Question, answered: Answered): void;
}

export type NamedKind = 'step' | 'sleep';
export type CountedKind = 'emit' | 'state' | 'read' | 'schedule' | 'scheduler';

/** The journal of one run as one attempt sees it: what is committed, the keys already taken, and what is on its way. */
export class Journal {
  /** The run's state: all committed entries applied in order. */
  readonly state = new Map<string, Json>();

  readonly #port: JournalPort;
  readonly #onBroken: (refusal: Pick<Refuse, 'code' | 'message'>, key: string) => void;
  readonly #entries = new Map<string, JournalEntry>();
  readonly #names = new Map<string, NamedKind>();
  readonly #counts: Record<CountedKind, number> = { emit: 0, state: 0, read: 0, schedule: 0, scheduler: 0 };
  #unanswered = 0;
  #drained: { resolve(): void; reject(reason: unknown): void } | undefined;

  /**
   * @param onBroken told of a refusal that ends the attempt: `superseded`, `invalid`, `duplicate`. The write's promise then never settles.
   */
  constructor(entries: readonly JournalEntry[], port: JournalPort, onBroken: (refusal: Pick<Refuse, 'code' | 'message'>, key: string) => void) {
    this.#port = port;
    this.#onBroken = onBroken;
    for (const entry of entries) {
      this.#entries.set(entry.key, entry);
      if (entry.state) this.#apply(entry.state);
    }
  }

  /**
   * Takes a name for a step or sleep and gives its entry, if an earlier attempt committed it.
   * @throws FatalError when the name is not a text or was taken before in this run, by a step or by a sleep.
   */
  claim(kind: NamedKind, name: string): JournalEntry | undefined {
    if (typeof name !== 'string' || name === '')
      throw new FatalError(`a ${kind}'s name must be a text that is not empty, got ${String(name) || "''"}`, { code: `${kind}_name_invalid` });
    const other = kind === 'step' ? 'sleep' : 'step';
    const taken = this.#names.get(name) ?? (this.#entries.has(`${other}:${name}`) ? other : undefined);
    if (taken !== undefined) {
      throw new FatalError(
        `the name '${name}' is already taken by a ${taken} of this run; steps and sleeps share their names and each may be used once. `
        + `In a loop, add the index: \`${name}-\${i}\``,
        { code: `${kind}_name_repeated` });
    }
    this.#names.set(name, kind);
    return this.#entries.get(`${kind}:${name}`);
  }

  /** Takes the next key of a kind that is counted in call order, and gives its entry, if an earlier attempt committed it. */
  next(kind: CountedKind): { key: string; entry: JournalEntry | undefined } {
    const key = `${kind}:${this.#counts[kind]++}`;
    return { key, entry: this.#entries.get(key) };
  }

  /**
   * Resolves once the entry is committed, for a sleep with its due time. Never settles when the refusal ends the attempt.
   * @throws FatalError (`too_large`), a rejection.
   */
  write(checkpoint: Checkpoint): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      this.#unanswered++;
      this.#port.commit(checkpoint, (refusal, due) => {
        if (refusal === null) {
          if (checkpoint.state) this.#apply(checkpoint.state);
          resolve(due);
          this.#answered();
        } else if (refusal.code === 'too_large') {
          const error = new FatalError(`${checkpoint.key}: ${refusal.message}`, { code: 'too_large' });
          reject(error);
          this.#drained?.reject(error);
          this.#answered();
        } else {
          this.#onBroken(refusal, checkpoint.key);
        }
      });
    });
  }

  /**
   * What the suite answers to a question; nothing is journaled by it. Never settles when the attempt is over.
   * @throws FatalError with the refusal's code, a rejection.
   */
  ask(question: Question, about: string): Promise<Json> {
    return new Promise((resolve, reject) => {
      this.#unanswered++;
      this.#port.ask(question, (refusal, _due, value = null) => {
        if (refusal?.code === 'superseded') {
          this.#onBroken(refusal, about);
          return;
        }
        if (refusal === null) {
          resolve(value);
        } else {
          const error = new FatalError(`${about}: ${refusal.message}`, { code: refusal.code });
          reject(error);
          this.#drained?.reject(error);
        }
        // What is written because of the answer counts first: a handler that has returned without awaiting it does not end before.
        setImmediate(() => this.#answered());
      });
    });
  }

  /**
   * Resolves when nothing is on its way any more; undefined when that is so already.
   * Rejects with the first refusal from now on: the handler has returned, so nobody else awaits it.
   */
  drain(): Promise<void> | undefined {
    if (this.#unanswered === 0) return undefined;
    return new Promise<void>((resolve, reject) => { this.#drained = { resolve, reject }; });
  }

  #answered(): void {
    if (--this.#unanswered === 0) this.#drained?.resolve();
  }

  #apply(writes: Record<string, Json>): void {
    for (const key of Object.keys(writes)) {
      const value = writes[key]!;
      if (value === null) this.state.delete(key);
      else this.state.set(key, value);
    }
  }
}
