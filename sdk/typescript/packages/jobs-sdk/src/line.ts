/** What carries a worker's messages: a WebSocket, or a stream. */
export interface Line {
  /** Called once, before anything else. */
  listen(events: LineEvents): void;
  /** Sends one message. Does nothing when the other side is gone. */
  send(message: string): void;
  /** Sends what is queued and takes leave. */
  close(code: number): void;
  /** Cuts the line. */
  terminate(): void;
}

export interface LineEvents {
  message(text: string): void;
  /** Called once: nothing comes any more. */
  closed(code: number, reason: string): void;
}
