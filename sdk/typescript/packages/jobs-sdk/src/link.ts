import { reconnectDelay } from './backoff.js';
import type { Json, LogEntry, Refuse, ServerFrame } from './frames.js';
import type { Answered } from './journal.js';
import type { Line } from './line.js';
import { isTooLarge, Outbox } from './outbox.js';

const DEFAULT_HEARTBEAT_MS = 5_000;
const TICKS_PER_HEARTBEAT = 2;
const LINES_PER_FRAME = 200;
const LEAVE_MS = 1_000;
const GOING_AWAY = 1001;
const NO_LIFE = 4408;

/** Whose frame it is. */
export interface Sender {
  readonly run: string;
  readonly epoch: number;
  /** Taken away: what it has sent is not sent again. */
  readonly gone: boolean;
}

interface Unanswered {
  id: number;
  sender: Sender;
  text: string;
  answered: Answered;
}

/** Frames that the link leaves to the worker. */
type WorkerFrame = Exclude<ServerFrame, { t: 'ack' | 'refuse' | 'reply' | 'ping' | 'pong' }>;

export interface LinkEvents {
  frame(frame: WorkerFrame): void;
  /** A frame that is not of the worker protocol; false when it is unknown here too. */
  other?(frame: { t?: unknown }): boolean;
  closed(code: number, reason: string): void;
}

/** One connection: numbers frames, matches answers to them, sends again what the store had no time for, and keeps alive. */
export class Link {
  readonly #line: Line;
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  readonly #unanswered = new Map<number, Unanswered>();
  #logs = new Map<Sender, LogEntry[]>();
  #held: Unanswered[] = [];
  #holds = 0;
  #holdTimer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #lastId = 0;
  #sent = false;
  #quietTicks = 0;
  #closed = false;
  #onLeft: (() => void) | undefined;

  constructor(line: Line, events: LinkEvents) {
    this.#line = line;
    this.#events = events;
    this.#outbox = new Outbox((message) => this.#write(message));
    line.listen({
      message: (text) => this.#receive(text),
      closed: (code, reason) => {
        this.#onLeft?.();
        this.#ended(code, reason);
      },
    });
    this.keepAlive(DEFAULT_HEARTBEAT_MS);
  }

  /** Pings when nothing was sent for that long, in milliseconds; closes when nothing came for three times as long. */
  keepAlive(heartbeatMs: number): void {
    clearInterval(this.#heartbeat);
    // Ticks are counted, not time: after a handler has blocked the event loop for long, what the server sent meanwhile is still unread.
    this.#heartbeat = setInterval(() => {
      if (++this.#quietTicks > 3 * TICKS_PER_HEARTBEAT) {
        this.#ended(NO_LIFE, `nothing received for ${3 * heartbeatMs} ms`);
        this.#line.terminate();
      } else if (!this.#sent) {
        this.send('{"t":"ping"}');
      }
      this.#sent = false;
    }, heartbeatMs / TICKS_PER_HEARTBEAT);
  }

  /** Queues a frame that is not answered, as JSON text. */
  send(frame: string): void {
    this.#outbox.push(frame);
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** Queues a frame that is answered. @param id from {@link nextId}, and inside the text */
  request(id: number, text: string, sender: Sender, answered: Answered): void {
    if (this.#closed) return;
    if (isTooLarge(text)) {
      answered({ code: 'too_large', message: 'the frame is over the 16 MiB that one message may hold' });
      return;
    }
    if (this.#logs.size > 0) this.#pushLogs();
    this.#unanswered.set(id, { id, sender, text, answered });
    this.#outbox.push(text);
  }

  /** Queues a line of a run's log; lines of one run travel in one frame. */
  log(sender: Sender, entry: LogEntry): void {
    const lines = this.#logs.get(sender);
    if (lines !== undefined) {
      if (lines.push(entry) >= LINES_PER_FRAME) this.#pushLogs();
      return;
    }
    if (this.#logs.size === 0) setImmediate(() => this.#pushLogs());
    this.#logs.set(sender, [entry]);
  }

  /** Sends what is queued and closes; resolves when the server has taken leave too, or had its time for that. */
  close(): Promise<void> {
    this.#pushLogs();
    this.#outbox.flush();
    const left = new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#line.terminate(), LEAVE_MS);
      this.#onLeft = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#line.close(GOING_AWAY);
    this.#ended(GOING_AWAY, 'the worker stopped');
    return left;
  }

  #pushLogs(): void {
    if (this.#logs.size === 0) return;
    const logs = this.#logs;
    this.#logs = new Map();
    for (const [{ run, epoch }, entries] of logs) this.#outbox.push(JSON.stringify({ t: 'log', run, epoch, entries }));
  }

  #write(message: string): void {
    if (this.#closed) return;
    this.#sent = true;
    this.#line.send(message);
  }

  #receive(message: string): void {
    if (this.#closed) return;
    this.#quietTicks = 0;
    let frames: ServerFrame[];
    try {
      frames = JSON.parse(message) as ServerFrame[];
      if (!Array.isArray(frames)) throw new TypeError('not an array');
    } catch (problem) {
      this.#refuseMessage(`a message must be a JSON array of frames: ${(problem as Error).message}`);
      return;
    }
    for (const frame of frames) this.#take(frame);
  }

  #take(frame: ServerFrame): void {
    switch (frame?.t) {
      case 'ack':
        this.#holds = 0;
        for (const id of frame.ids) this.#answer(id, null, frame.due?.[id]);
        return;
      case 'reply':
        this.#holds = 0;
        this.#answer(frame.id, null, undefined, frame.value);
        return;
      case 'refuse':
        if (frame.code === 'unavailable') this.#hold(frame.id);
        else this.#answer(frame.id, frame);
        return;
      case 'ping':
        this.send('{"t":"pong"}');
        return;
      case 'pong':
        return;
      case 'welcome':
      case 'run':
      case 'abort':
      case 'error':
        this.#events.frame(frame);
        return;
      default:
        if (typeof frame === 'object' && frame !== null && this.#events.other?.(frame) === true) return;
        this.#refuseMessage(`unknown frame type '${String((frame as { t?: unknown } | null)?.t)}'`);
    }
  }

  #answer(id: number, refusal: Refuse | null, due?: string, value?: Json): void {
    const waiting = this.#unanswered.get(id);
    if (waiting === undefined) return; // answered twice
    this.#unanswered.delete(id);
    waiting.answered(refusal, due, value);
  }

  // The store is away: all that it turned down goes out again together, later each time.
  #hold(id: number): void {
    const waiting = this.#unanswered.get(id);
    if (waiting === undefined) return;
    this.#held.push(waiting);
    this.#holdTimer ??= setTimeout(() => this.#sendHeld(), reconnectDelay(++this.#holds, Math.random()));
  }

  #sendHeld(): void {
    this.#holdTimer = undefined;
    const held = this.#held;
    this.#held = [];
    for (const waiting of held) {
      if (waiting.sender.gone) this.#answer(waiting.id, { t: 'refuse', id: waiting.id, code: 'superseded', message: 'the attempt was taken away' });
      else this.#outbox.push(waiting.text);
    }
  }

  #refuseMessage(message: string): void {
    this.send(JSON.stringify({ t: 'error', code: 'invalid_frame', message }));
  }

  #ended(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#holdTimer);
    this.#unanswered.clear();
    this.#events.closed(code, reason);
  }
}
