import type { Attempt } from './attempt.js';
import { FatalError, replayDiffers } from './errors.js';
import type { Json } from './frames.js';
import { NotJsonError, toJson } from './json.js';
import { scopeOf } from './scope.js';

/** The run's key-value state, kept across steps, sleeps and attempts. */
export interface JobState {
  /**
   * The value of a key, or undefined. Inside a step: the step's own writes, then what is committed. Outside, the read is journaled, so that
   * a replay sees the same value.
   */
  get<T = unknown>(key: string): Promise<T | undefined>;
  /**
   * Sets a key to a JSON value; null or undefined deletes it. Inside a step the write commits with the step and is dropped when it fails;
   * outside, it is committed when the promise resolves.
   * @throws FatalError when the value is not JSON or over the server's limit (256 KiB by default).
   */
  set(key: string, value: unknown): Promise<void>;
  /** Removes a key; one that is not there too. */
  delete(key: string): Promise<void>;
}

export class RunState implements JobState {
  readonly #attempt: Attempt;
  #lastWrite: Promise<void> | undefined;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  get<T>(key: string): Promise<T | undefined> {
    return this.#attempt.call(`state.get('${key}')`, () => {
      checkKey(key);
      const scope = scopeOf(this.#attempt);
      if (scope === undefined) return this.#readOutside<T>(key);
      const own = scope.state;
      return own !== undefined && key in own ? handOut<T>(own[key]) : handOut<T>(this.#attempt.journal.state.get(key));
    });
  }

  set(key: string, value: unknown): Promise<void> {
    return this.#attempt.call(`state.set('${key}')`, () => {
      checkKey(key);
      return this.#write(key, jsonOf(key, value));
    });
  }

  delete(key: string): Promise<void> {
    return this.#attempt.call(`state.delete('${key}')`, () => {
      checkKey(key);
      return this.#write(key, null);
    });
  }

  #write(key: string, value: Json): Promise<void> | undefined {
    const scope = scopeOf(this.#attempt);
    // Without a prototype, so that a key may be called __proto__ or constructor.
    if (scope !== undefined) {
      (scope.state ??= Object.create(null) as Record<string, Json>)[key] = value;
      return undefined;
    }
    const writes = Object.create(null) as Record<string, Json>;
    writes[key] = value;
    return (this.#lastWrite = this.#writeOutside(key, writes));
  }

  async #writeOutside(key: string, state: Record<string, Json>): Promise<void> {
    const { key: entryKey, entry } = this.#attempt.journal.next('state');
    if (entry === undefined) {
      await this.#attempt.journal.write({ key: entryKey, state });
      return;
    }
    if (entry.state !== undefined && !Object.hasOwn(entry.state, key)) {
      throw replayDiffers(`a write of '${Object.keys(entry.state).join("', '")}'`, `writes '${key}'`, 'ctx.state');
    }
  }

  async #readOutside<T>(key: string): Promise<T | undefined> {
    const { key: entryKey, entry } = this.#attempt.journal.next('read');
    if (entry !== undefined) {
      const read = entry.output as { key: string; value: Json };
      if (read.key !== key) throw replayDiffers(`a read of '${read.key}'`, `reads '${key}'`, 'ctx.state');
      return (read.value ?? undefined) as T | undefined;
    }
    // A handler need not await its own writes to read them.
    if (this.#lastWrite !== undefined) await this.#lastWrite.catch(() => {});
    if (this.#attempt.phase === 'stopped') return this.#attempt.park();
    const value = toJson(this.#attempt.journal.state.get(key));
    await this.#attempt.journal.write({ key: entryKey, output: { key, value } });
    return (value ?? undefined) as T | undefined;
  }
}

// A copy, since the caller may change what it gets, and the state must not change with it.
function handOut<T>(value: Json | undefined): T | undefined {
  return (toJson(value) ?? undefined) as T | undefined;
}

function checkKey(key: string): void {
  if (typeof key !== 'string' || key === '')
    throw new FatalError(`a state key must be a text that is not empty, got ${String(key) || "''"}`, { code: 'state_key_invalid' });
}

function jsonOf(key: string, value: unknown): Json {
  try {
    return toJson(value);
  } catch (problem) {
    if (!(problem instanceof NotJsonError)) throw problem;
    throw new FatalError(`state '${key}' cannot be stored as JSON: ${problem.message}`, { code: 'state_not_json', cause: problem });
  }
}
