import { MAX_MESSAGE_BYTES } from './frames.js';

/** A UTF-16 unit takes at most three bytes of UTF-8, so this many of them fit into a message without counting bytes. */
export const SAFE_LENGTH = Math.floor(MAX_MESSAGE_BYTES / 3) - 1_024;

/** Gathers the frames of one turn of the event loop into one message. */
export class Outbox {
  readonly #send: (message: string) => void;
  #frames: string[] = [];
  #length = 0;
  #scheduled = false;

  constructor(send: (message: string) => void) {
    this.#send = send;
  }

  /** Queues a frame's JSON text. */
  push(frame: string): void {
    if (this.#length + frame.length > SAFE_LENGTH) this.flush();
    this.#frames.push(frame);
    this.#length += frame.length + 1;
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After all input of this turn, not after this microtask: a hundred handlers woken by one message answer in one.
    setImmediate(this.#flushTurn);
  }

  flush(): void {
    if (this.#frames.length === 0) return;
    const message = `[${this.#frames.join(',')}]`;
    this.#frames = [];
    this.#length = 0;
    this.#send(message);
  }

  #flushTurn = (): void => {
    this.#scheduled = false;
    this.flush();
  };
}

/** Whether a frame is over what one message may hold. */
export function isTooLarge(frame: string): boolean {
  return frame.length > SAFE_LENGTH && Buffer.byteLength(frame) > MAX_MESSAGE_BYTES - 2;
}
