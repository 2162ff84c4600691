import type WebSocket from 'ws';
import type { Line, LineEvents } from './line.js';

/** An open WebSocket as a line. */
export class WebSocketLine implements Line {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  listen(events: LineEvents): void {
    this.#socket.on('message', (data) => events.message(String(data)));
    this.#socket.on('close', (code, reason) => events.closed(code, String(reason)));
    this.#socket.on('error', () => {}); // 'close' follows and is what counts
  }

  send(message: string): void {
    this.#socket.send(message);
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
