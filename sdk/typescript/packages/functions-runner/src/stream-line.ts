import { createConnection, type Socket } from 'node:net';
import type { Line, LineEvents } from '@reactor/jobs-sdk/runtime';

const HEADER_BYTES = 4;
const CLOSED = 1006;

/** Resolves once connected. */
export function connect(path: string): Promise<StreamLine> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(new StreamLine(socket));
    });
  });
}

/** Messages over a stream: the length in four bytes, most significant first, then that many bytes of UTF-8. */
export class StreamLine implements Line {
  readonly #socket: Socket;
  #parts: Buffer[] = [];
  #received = 0;
  #expected = -1;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  listen(events: LineEvents): void {
    this.#socket.on('data', (part: Buffer) => this.#take(part, events));
    this.#socket.on('error', () => {}); // 'close' follows and is what counts
    this.#socket.on('close', () => events.closed(CLOSED, ''));
  }

  send(message: string): void {
    const length = Buffer.byteLength(message);
    const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
    bytes.writeUInt32BE(length, 0);
    bytes.write(message, HEADER_BYTES);
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.end();
  }

  terminate(): void {
    this.#socket.destroy();
  }

  // Parts are joined once a message is whole: a journal of many megabytes comes in many parts.
  #take(part: Buffer, events: LineEvents): void {
    this.#parts.push(part);
    this.#received += part.length;
    for (;;) {
      if (this.#expected < 0) {
        if (this.#received < HEADER_BYTES) return;
        this.#expected = this.#joined().readUInt32BE(0);
      }
      const whole = HEADER_BYTES + this.#expected;
      if (this.#received < whole) return;
      const bytes = this.#joined();
      const rest = bytes.subarray(whole);
      this.#parts = rest.length > 0 ? [rest] : [];
      this.#received = rest.length;
      this.#expected = -1;
      events.message(bytes.toString('utf8', HEADER_BYTES, whole));
    }
  }

  #joined(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts, this.#received)];
    return this.#parts[0]!;
  }
}
