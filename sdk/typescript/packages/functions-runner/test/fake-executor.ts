import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Frame {
  t: string;
  [field: string]: unknown;
}

const RUNNER = fileURLToPath(new URL('../../dist/runner.bundle.js', import.meta.url));
const BUN = fileURLToPath(new URL('../../../../node_modules/.bin/bun', import.meta.url));

/** The other end of a runner's socket, frame by frame. It acknowledges what asks for it. */
export class FakeExecutor {
  readonly #frames: Frame[] = [];
  readonly #waiting: { when: (frame: Frame) => boolean; found: (frame: Frame) => void }[] = [];
  readonly #server: Server;
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly #folder: string;
  output = '';
  #socket: Socket | undefined;

  /** Starts a runner for the given module's text. */
  constructor(runtime: string, code: string) {
    const folder = this.#folder = mkdtempSync(join(tmpdir(), 'runner-'));
    writeFileSync(join(folder, 'index.mjs'), code);
    this.#server = createServer((socket) => this.#serve(socket)).listen(join(folder, 's'));
    this.process = spawn(runtime === 'bun' ? BUN : process.execPath, [RUNNER, join(folder, 's')]);
    this.process.stdout!.on('data', (part: Buffer) => { this.output += String(part); });
    this.exited = new Promise((resolve) => this.process.once('exit', resolve));
  }

  async welcome(env: Record<string, string> = {}): Promise<this> {
    await this.next((frame) => frame.t === 'hello');
    this.send({ t: 'welcome', protocol: 1, worker: 'w', heartbeat_ms: 60_000, function: 'f', folder: this.#folder, entry: 'index.mjs', env });
    return this;
  }

  send(...frames: object[]): void {
    const body = Buffer.from(JSON.stringify(frames));
    const header = Buffer.alloc(4);
    header.writeUInt32BE(body.length);
    // In pieces, as a stream may deliver it.
    for (const part of [header.subarray(0, 2), Buffer.concat([header.subarray(2), body.subarray(0, 5)]), body.subarray(5)]) this.#socket!.write(part);
  }

  run(run: string, payload: unknown = {}, handler = 'f'): void {
    this.send({ t: 'run', run, epoch: 1, attempt: 1, max_attempts: 3, job: 'j', handler, org: 'acme', trigger: { kind: 'manual', id: null }, payload, timeout_ms: 1000, entries: [] });
  }

  /** The first frame that fits, of those that have come and those that will. */
  next(when: (frame: Frame) => boolean): Promise<Frame> {
    const there = this.#frames.find(when);
    return there ? Promise.resolve(there) : new Promise((found) => { this.#waiting.push({ when, found }); });
  }

  finish(run: string): Promise<Frame> {
    return this.next((frame) => frame.t === 'finish' && frame['run'] === run);
  }

  /** Log lines of a run so far. */
  lines(run: string): { level: string; step: string | null; message: string }[] {
    return this.#frames.filter((frame) => frame.t === 'log' && frame['run'] === run).flatMap((frame) => frame['entries'] as never[]);
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    this.#server.close();
    await this.exited;
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    let bytes = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (part: Buffer) => {
      bytes = Buffer.concat([bytes, part]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
        const end = 4 + bytes.readUInt32BE(0);
        for (const frame of JSON.parse(bytes.toString('utf8', 4, end)) as Frame[]) this.#take(frame);
        bytes = bytes.subarray(end);
      }
    });
  }

  #take(frame: Frame): void {
    this.#frames.push(frame);
    if (['checkpoint', 'finish', 'suspend', 'release'].includes(frame.t)) this.send({ t: 'ack', ids: [frame['id']] });
    for (const { when, found } of this.#waiting) if (when(frame)) found(frame);
  }
}
