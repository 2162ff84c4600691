import { join } from 'node:path';
import { Link, PROTOCOL_VERSION, RunningAttempts, SDK_NAME, SDK_VERSION, type Invoke, type Line } from '@reactor/jobs-sdk/runtime';
import { withConsole } from './console.js';
import { exportIn, loadEntry, type Entry } from './entry.js';
import { answer, type InvokeFrame } from './invocation.js';

const LONGEST_TIMER_MS = 0x7fffffff;

/** What the executor says first: which function this process is for. */
interface Welcome {
  heartbeat_ms: number;
  /** The function's name. */
  function: string;
  folder: string;
  /** The module, relative to the folder. */
  entry: string;
  env: Record<string, string>;
}

/** Serves one function to the executor at the other end of the line, and ends the process with it. */
export class Runner {
  readonly #link: Link;
  readonly #attempts = new RunningAttempts(({ run, epoch }) => this.#link.send(JSON.stringify({ t: 'stopped', run, epoch })));
  #entry: Promise<Entry> | undefined;
  #name = '';

  constructor(line: Line) {
    this.#link = new Link(line, {
      frame: (frame) => {
        switch (frame.t) {
          case 'welcome':
            this.#load(frame as unknown as Welcome);
            return;
          case 'run':
            this.#attempts.begin(frame, this.#link, (request, ctx) => this.#invoke(frame.handler, request, ctx));
            return;
          case 'abort':
            this.#attempts.abort(frame);
            return;
          case 'error':
            process.stderr.write(`the executor refused this process: ${frame.message}\n`);
            process.exit(1);
        }
      },
      other: (frame) => {
        if (frame.t !== 'invoke') return false;
        void answer(frame as InvokeFrame, this.#loaded()).then((text) => this.#link.send(text));
        return true;
      },
      // Whatever still runs belongs to attempts that somebody else has by now.
      closed: () => process.exit(0),
    });
    // It may be started long before there is a function for it; when the executor goes, so does the line.
    this.#link.keepAlive(LONGEST_TIMER_MS);
    this.#link.send(JSON.stringify({
      t: 'hello', protocol: PROTOCOL_VERSION, sdk: `${SDK_NAME}/${SDK_VERSION}`, name: `functions-runner:${process.pid}`, handlers: [], slots: 1,
    }));
  }

  // The environment comes over the line: on a command line or in /proc others could read it, and programs on the way here would obey it.
  #load({ heartbeat_ms, function: name, folder, entry, env }: Welcome): void {
    this.#name = name;
    process.chdir(folder);
    Object.assign(process.env, env);
    this.#link.keepAlive(heartbeat_ms);
    this.#entry = loadEntry(join(folder, entry));
    void this.#entry.then((entry) => {
      // A module that failed is not imported again in this process: the next attempts need another one.
      if ('problem' in entry) this.#link.send('{"t":"drain"}');
    });
  }

  #loaded(): Promise<Entry> {
    return this.#entry ?? Promise.reject(new Error('the executor sent work before its welcome'));
  }

  async #invoke(handler: string, ...[request, ctx]: Parameters<Invoke>): Promise<unknown> {
    const entry = await this.#loaded();
    if ('problem' in entry) throw entry.problem;
    const found = entry.handlers(exportIn(handler, this.#name));
    if ('problem' in found) throw found.problem;
    return withConsole(ctx, () => found.invoke(request, ctx));
  }
}
