import { reconnectDelay } from './backoff.js';
import type { Ack, Checkpoint, Json, LogEntry, Question, Refuse, Reply, RunFrame } from './frames.js';
import type { Answered } from './journal.js';
import { isTooLarge, SAFE_LENGTH } from './outbox.js';
import { pause } from './pause.js';

const MOST_FAILURES = 8;
const LINES_PER_FRAME = 100;

export interface Callback {
  url: string;
  token: string;
  run: string;
  epoch: number;
}

/** The suite's callback answered with an error, or could not be reached. */
export class CallbackError extends Error {
  readonly code = 'callback_failed';
  readonly status: number | null;

  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, { cause });
    this.name = 'CallbackError';
    this.status = status;
  }
}

/** Fetches the `run` frame that a request to a handler is about. @throws CallbackError */
export async function fetchRun(callback: Callback, signal: AbortSignal): Promise<RunFrame> {
  return await ask(callback, `/runs/${encodeURIComponent(callback.run)}?epoch=${callback.epoch}`, { signal }) as RunFrame;
}

/**
 * Carries one attempt's checkpoints and log lines in request bodies. One request is under way at a time, and takes with it all that gathered
 * during the last one: entries are committed in the order in which they were written.
 */
export class HttpJournal {
  readonly #callback: Callback;
  readonly #signal: AbortSignal;
  readonly #onLost: (cause: unknown) => void;
  readonly #answers = new Map<number, { text: string; answered: Answered }>();
  #queue: string[] = [];
  #lines: LogEntry[] = [];
  #sending: Promise<void> | undefined;
  #lastId = 0;

  /** @param onLost told once when the callback stays unreachable */
  constructor(callback: Callback, signal: AbortSignal, onLost: (cause: unknown) => void) {
    this.#callback = callback;
    this.#signal = signal;
    this.#onLost = onLost;
  }

  commit(checkpoint: Checkpoint, answered: Answered): void {
    this.#request('checkpoint', checkpoint, answered);
  }

  ask(question: Question, answered: Answered): void {
    this.#request('ask', question, answered);
  }

  #request(t: string, fields: object, answered: Answered): void {
    const id = ++this.#lastId;
    const { run, epoch } = this.#callback;
    const text = JSON.stringify({ t, id, run, epoch, ...fields });
    if (isTooLarge(text)) {
      answered({ code: 'too_large', message: 'the frame is over the 16 MiB that one message may hold' });
      return;
    }
    this.#answers.set(id, { text, answered });
    this.#queue.push(text);
    this.#sending ??= this.#send();
  }

  log(entry: LogEntry): void {
    this.#lines.push(entry);
    this.#sending ??= this.#send();
  }

  /** Resolves when nothing is left to send. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    try {
      for (let failures = 0; ;) {
        await new Promise((turn) => { setImmediate(turn); }); // so that what this turn writes travels together
        const frames = this.#gather();
        if (frames.length === 0) break;
        let held = false;
        try {
          const answers = await ask(this.#callback, '/frames', {
            method: 'POST', headers: { 'content-type': 'application/json' }, body: `[${frames.join(',')}]`, signal: this.#signal,
          });
          held = this.#take(answers as (Ack | Refuse | Reply)[]);
        } catch (problem) {
          // Sent again whole: a checkpoint that was committed after all is acknowledged again.
          if (this.#signal.aborted) return;
          if (failures + 1 >= MOST_FAILURES || !isPassing(problem)) throw problem;
          this.#queue = [...frames, ...this.#queue];
          held = true;
        }
        failures = held ? failures + 1 : 0;
        if (held) await pause(reconnectDelay(failures, Math.random()), this.#signal);
        if (this.#signal.aborted) return;
      }
    } catch (problem) {
      this.#onLost(problem);
    } finally {
      this.#sending = undefined;
    }
  }

  #gather(): string[] {
    const frames: string[] = [];
    if (this.#lines.length > 0) {
      const { run, epoch } = this.#callback;
      frames.push(JSON.stringify({ t: 'log', run, epoch, entries: this.#lines.splice(0, LINES_PER_FRAME) }));
    }
    for (let length = 0; this.#queue.length > 0; frames.push(this.#queue.shift()!)) {
      length += this.#queue[0]!.length;
      if (length > SAFE_LENGTH && frames.length > 0) break;
    }
    return frames;
  }

  /** Passes the answers on; true when the store turned some down for now. */
  #take(frames: (Ack | Refuse | Reply)[]): boolean {
    let held = false;
    for (const frame of frames) {
      if (frame.t === 'ack') {
        for (const id of frame.ids) this.#answer(id, null, frame.due?.[id]);
      } else if (frame.t === 'reply') {
        this.#answer(frame.id, null, undefined, frame.value);
      } else if (frame.t === 'refuse' && frame.code === 'unavailable') {
        const waiting = this.#answers.get(frame.id);
        if (waiting !== undefined) this.#queue.push(waiting.text);
        held = true;
      } else if (frame.t === 'refuse') {
        this.#answer(frame.id, frame);
      }
    }
    return held;
  }

  #answer(id: number, refusal: Refuse | null, due?: string, value?: Json): void {
    const waiting = this.#answers.get(id);
    this.#answers.delete(id);
    waiting?.answered(refusal, due, value);
  }
}

async function ask({ url, token }: Callback, path: string, init: RequestInit): Promise<unknown> {
  const target = `${url.replace(/\/+$/, '')}${path}`;
  let response: Response;
  try {
    response = await fetch(target, { ...init, headers: { ...init.headers as Record<string, string>, authorization: `Bearer ${token}` } });
  } catch (cause) {
    throw new CallbackError(`the callback ${target} cannot be reached: ${(cause as Error).message}`, null, cause);
  }
  const text = await response.text();
  if (!response.ok) throw new CallbackError(`the callback ${target} answered ${response.status}: ${text.slice(0, 500)}`, response.status);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CallbackError(`the callback ${target} answered something that is not JSON`, response.status, cause);
  }
}

function isPassing(problem: unknown): boolean {
  const status = problem instanceof CallbackError ? problem.status : 0;
  return status === null || status === 408 || status === 429 || (status !== 0 && status >= 500);
}
