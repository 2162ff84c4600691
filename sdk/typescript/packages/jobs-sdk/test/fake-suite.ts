// A suite in this process: it speaks the worker protocol and keeps journals in memory. Tests wait for facts by `until`, never for time.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { createWorker, type Handler, type Worker, type WorkerOptions } from '@reactor/jobs-sdk';

export type Frame = Record<string, any>;

/** What the store says to a frame: nothing (commit), a refusal, or `hold`: no answer at all until `release`. */
export type Verdict = { code: string; message?: string } | 'hold' | undefined;

export class FakeRun {
  readonly id: string;
  epoch = 0;
  attempt = 1;
  entries: Frame[] = [];
  events: { key: string; topic: string; payload: unknown }[] = [];
  /** Of committed entries. */
  schedules: Frame[] = [];
  logs: Frame[] = [];
  /** Every `finish`, `suspend` and `release`, in order. */
  ends: Frame[] = [];

  constructor(readonly suite: FakeSuite, number: number, readonly handler: string, readonly payload: unknown, readonly job: string) {
    this.id = `run_${String(number).padStart(26, '0')}`;
  }

  get keys(): string[] {
    return this.entries.map((entry) => entry.key as string);
  }

  entry(key: string): Frame | undefined {
    return this.entries.find((entry) => entry.key === key);
  }

  /** Starts the next attempt and waits for its end. */
  async next(): Promise<Frame> {
    this.dispatch();
    return this.end();
  }

  dispatch(): void {
    this.epoch++;
    this.suite.send(this.frame());
  }

  /** Ends the pending sleeps, as when they are due, and runs the next attempt. */
  async wake(): Promise<Frame> {
    for (const entry of this.entries) if (entry.due_at) entry.done = true;
    return this.next();
  }

  /** The end of the current attempt. */
  async end(): Promise<Frame> {
    const { epoch } = this;
    await this.suite.until(() => this.ends.some((end) => end.epoch === epoch));
    return this.ends.find((end) => end.epoch === epoch)!;
  }

  frame(): Frame {
    return {
      t: 'run', run: this.id, epoch: this.epoch, attempt: this.attempt, max_attempts: 3, job: this.job, handler: this.handler, org: 'acme',
      trigger: { kind: 'manual', id: null }, payload: this.payload, timeout_ms: 60_000, entries: structuredClone(this.entries),
    };
  }
}

export class FakeSuite {
  readonly token = 'service-token';
  readonly runs = new Map<string, FakeRun>();
  /** Every frame and every message from workers, and the headers of each upgrade. */
  readonly frames: Frame[] = [];
  readonly messages: Frame[][] = [];
  readonly upgrades: IncomingMessage[] = [];
  readonly sockets: WebSocket[] = [];
  heartbeatMs = 5_000;
  /** Refuses upgrades with this status and body; with `keep` the connection stays open, as behind a gateway. */
  refuseUpgrade: { status: number; body: unknown; keep?: boolean } | undefined;
  /** Sent instead of `welcome`. */
  refuseHello: { code: string; message: string } | undefined;
  decide: (frame: Frame) => Verdict = () => undefined;
  /** What an `ask` is answered with. */
  reply: (frame: Frame) => unknown = (frame) => (frame.what === 'target' ? { job: frame.of } : null);
  silent = false;
  url = '';
  callback = '';

  readonly #server: Server;
  readonly #wss = new WebSocketServer({ noServer: true });
  readonly #waiting = new Set<() => void>();
  readonly #connections = new Set<Socket>();
  #held: { frame: Frame; answer: (frames: Frame[]) => void }[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => { body += chunk; });
      request.on('end', () => this.#http(request, body, (status, answer) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }));
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.upgrades.push(request);
      const refuse = this.refuseUpgrade
        ?? (request.headers.authorization === `Bearer ${this.token}` ? undefined : { status: 401, body: { code: 'unauthorized', detail: 'no such token' } });
      if (refuse) {
        const text = JSON.stringify(refuse.body);
        const head = `HTTP/1.1 ${refuse.status} No\r\ncontent-type: application/problem+json\r\ncontent-length: ${text.length}\r\n`;
        if ('keep' in refuse && refuse.keep) socket.write(`${head}\r\n${text}`);
        else socket.end(`${head}connection: close\r\n\r\n${text}`);
        this.#changed();
        return;
      }
      this.#wss.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket));
    });
  }

  static async start(port = 0): Promise<FakeSuite> {
    const suite = new FakeSuite();
    await new Promise<void>((resolve) => suite.#server.listen(port, '127.0.0.1', resolve));
    suite.url = `http://127.0.0.1:${suite.port}`;
    suite.callback = `${suite.url}/callback`;
    return suite;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    for (const socket of this.#connections) socket.destroy();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  /** Ends all connections as a gateway does that is killed. */
  reset(): void {
    for (const socket of this.#connections) socket.resetAndDestroy();
  }

  /** Waits until something that was received makes the fact true. */
  until(fact: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!fact()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  submit(payload: unknown = {}, handler = 'job', job = handler): FakeRun {
    const run = new FakeRun(this, this.runs.size + 1, handler, payload, job);
    this.runs.set(run.id, run);
    return run;
  }

  send(...frames: Frame[]): void {
    this.sockets.at(-1)!.send(JSON.stringify(frames));
  }

  /** Answers what was held, in the order given by `pick` (all by default). */
  release(pick: (frame: Frame) => boolean = () => true): void {
    const [released, kept] = [this.#held.filter((held) => pick(held.frame)), this.#held.filter((held) => !pick(held.frame))];
    this.#held = kept;
    for (const { frame, answer } of released) answer([this.#commit(frame)]);
  }

  #serve(socket: WebSocket): void {
    this.sockets.push(socket);
    socket.on('close', () => this.#changed());
    socket.on('message', (data) => {
      const frames = JSON.parse(String(data)) as Frame[];
      this.messages.push(frames);
      if (!this.silent) {
        const answers = frames.flatMap((frame) => this.#take(frame, (late) => socket.send(JSON.stringify(late))));
        if (answers.length > 0) socket.send(JSON.stringify(answers));
      }
      this.frames.push(...frames);
      this.#changed();
    });
    this.#changed();
  }

  #take(frame: Frame, answer: (frames: Frame[]) => void): Frame[] {
    switch (frame.t) {
      case 'hello':
        if (this.refuseHello) {
          setImmediate(() => this.sockets.at(-1)!.close(4400));
          return [{ t: 'error', ...this.refuseHello }];
        }
        return [{ t: 'welcome', protocol: 1, worker: 'wrk_1', heartbeat_ms: this.heartbeatMs, limits: {} }];
      case 'ping':
        return [{ t: 'pong' }];
      case 'log':
        this.runs.get(frame.run)?.logs.push(...frame.entries);
        return [];
      case 'drain':
      case 'pong':
      case 'error':
        return [];
    }
    const verdict = this.decide(frame);
    if (verdict === 'hold') {
      this.#held.push({ frame, answer });
      return [];
    }
    if (verdict) return [{ t: 'refuse', id: frame.id, message: `refused as ${verdict.code}`, ...verdict }];
    return [this.#commit(frame)];
  }

  #commit(frame: Frame): Frame {
    const run = this.runs.get(frame.run)!;
    if (frame.t === 'ask') return { t: 'reply', id: frame.id, value: this.reply(frame) };
    if (frame.epoch !== run.epoch) return { t: 'refuse', id: frame.id, code: 'superseded', message: 'another attempt runs' };
    if (frame.t !== 'checkpoint') {
      run.ends.push(frame);
      return { t: 'ack', ids: [frame.id] };
    }
    const { key, output, state, events = [], schedules = [], sleep_ms: sleepMs } = frame;
    const due = sleepMs === undefined ? undefined : new Date(Date.now() + sleepMs).toISOString();
    if (run.entry(key) === undefined) {
      run.entries.push({ key, ...(output !== undefined && { output }), ...(state && { state }), ...(due && { due_at: due }) });
      run.events.push(...events.map((event: Frame) => ({ key, ...event })));
      run.schedules.push(...schedules.map((schedule: Frame) => ({ key, ...schedule })));
    }
    return { t: 'ack', ids: [frame.id], ...(due && { due: { [frame.id]: due } }) };
  }

  /** The callback of the HTTP form. */
  #http(request: IncomingMessage, body: string, answer: (status: number, body: unknown) => void): void {
    const url = new URL(request.url!, this.url);
    if (url.pathname === '/jobs/v1/_worker') {
      answer(this.refuseUpgrade?.status ?? 426, this.refuseUpgrade?.body ?? {}); // bun's worker asks for what its socket hides
    } else if (request.headers.authorization !== 'Bearer callback-token') {
      answer(401, { code: 'unauthorized' });
    } else if (url.pathname.startsWith('/callback/runs/')) {
      answer(200, this.runs.get(url.pathname.slice('/callback/runs/'.length))!.frame());
    } else {
      const frames = JSON.parse(body) as Frame[];
      this.messages.push(frames);
      answer(200, frames.flatMap((frame) => this.#take(frame, () => {})));
      this.frames.push(...frames);
    }
    this.#changed();
  }

  #changed(): void {
    for (const check of [...this.#waiting]) check();
  }
}

/** A suite with one connected worker whose only handler is `job`; both are gone after `use`. */
export async function withWorker(
  handler: Handler, use: (suite: FakeSuite, worker: Worker) => Promise<void>, options: Partial<WorkerOptions> = {},
): Promise<void> {
  const suite = await FakeSuite.start();
  const worker = createWorker({ url: suite.url, token: suite.token, handlers: { job: handler }, ...options });
  try {
    await worker.start();
    await use(suite, worker);
  } finally {
    await worker.stop({ timeoutMs: 0 });
    await suite.stop();
  }
}

/** A promise with its ends outside. */
export function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void; fail: (reason: unknown) => void } {
  let open!: (value: T) => void;
  let fail!: (reason: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => { open = resolve; fail = reject; });
  return { promise, open, fail };
}
