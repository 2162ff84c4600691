import { reconnectDelay } from './backoff.js';
import { openSocket } from './connect.js';
import { WorkerConnectionError } from './endpoint.js';
import { RetryableError } from './errors.js';
import type { RunFrame, Welcome } from './frames.js';
import type { Invoke } from './handler.js';
import { Link } from './link.js';
import { pause } from './pause.js';
import { RunningAttempts } from './running-attempts.js';
import { PROTOCOL_VERSION, SDK_NAME, SDK_VERSION } from './version.js';
import { WebSocketLine } from './websocket-line.js';
import { checkOptions, type WorkerOptions, type WorkerSettings } from './worker-options.js';

const STOP_TIMEOUT_MS = 30_000;
const RELEASE_TIMEOUT_MS = 2_000;

/** A process's connection to the suite, over which it runs handlers. */
export interface Worker {
  /**
   * Connects; resolves once the suite has taken the worker into service. Keeps trying while the suite cannot be reached, and reconnects by
   * itself ever after (after 100 ms to 5 s, by chance).
   * @throws WorkerConnectionError when the suite refuses the token (401, 403), the protocol version or the handlers
   */
  start(): Promise<void>;
  /**
   * Takes no more runs, waits for those under way, hands back what is still running after `timeoutMs` (default 30,000), and closes.
   * A run that is handed back starts again elsewhere, and does not use up an attempt. Never rejects.
   */
  stop(options?: { timeoutMs?: number }): Promise<void>;
}

/**
 * A worker for the given handlers; it does nothing before `start()`.
 * @throws TypeError naming the option that is missing or wrong
 */
export function createWorker(options: WorkerOptions): Worker {
  return new ConnectedWorker(checkOptions(options));
}

interface Started {
  promise: Promise<void>;
  resolve(): void;
  reject(reason: unknown): void;
}

class ConnectedWorker implements Worker {
  readonly #settings: WorkerSettings;
  readonly #attempts = new RunningAttempts();
  readonly #halt = new AbortController();
  #started: Started | undefined;
  #serving: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #link: Link | undefined;
  #inService = false;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
  }

  start(): Promise<void> {
    if (this.#stopping !== undefined) return Promise.reject(new Error('this worker was stopped; create another one'));
    if (this.#started === undefined) {
      this.#started = deferred();
      this.#serving = this.#serve(this.#started);
    }
    return this.#started.promise;
  }

  stop(options: { timeoutMs?: number } = {}): Promise<void> {
    return (this.#stopping ??= this.#shutDown(options.timeoutMs ?? STOP_TIMEOUT_MS));
  }

  async #serve(started: Started): Promise<void> {
    for (let failures = 0, served = false; !this.#halt.signal.aborted;) {
      try {
        const connection = await this.#connect();
        failures = 0;
        served = true;
        started.resolve();
        await connection.closed;
        await pause(reconnectDelay(1, Math.random()), this.#halt.signal);
      } catch (error) {
        const refused = error as WorkerConnectionError;
        if (!served && isFinal(refused)) {
          this.#started = undefined; // so that start() may be called again, with a better server
          started.reject(refused);
          return;
        }
        if (this.#halt.signal.aborted) break;
        const retryInMs = reconnectDelay(++failures, Math.random());
        this.#settings.onEvent({ type: 'connect_failed', error: refused, retryInMs });
        await pause(retryInMs, this.#halt.signal);
      }
    }
    started.reject(new Error('the worker was stopped before it was in service'));
  }

  /** Resolves once in service, with the end of that. */
  async #connect(): Promise<{ closed: Promise<void> }> {
    const { endpoint, name, handlers, slots, onEvent } = this.#settings;
    const socket = await openSocket(endpoint, this.#halt.signal);
    return new Promise((resolve, reject) => {
      let refused: WorkerConnectionError | undefined;
      let inService: (() => void) | undefined;
      const link: Link = new Link(new WebSocketLine(socket), {
        frame: (frame) => {
          switch (frame.t) {
            case 'run':
              this.#begin(frame, link);
              return;
            case 'abort':
              this.#attempts.abort(frame);
              return;
            case 'welcome':
              resolve({ closed: new Promise((closed) => { inService = closed; }) });
              this.#enterService(link, frame);
              return;
            case 'error':
              refused = new WorkerConnectionError(frame.message, { code: frame.code });
              onEvent({ type: 'server_error', code: frame.code, message: frame.message });
              void link.close();
          }
        },
        closed: (code, reason) => {
          this.#link = undefined;
          if (inService === undefined) {
            reject(refused ?? new WorkerConnectionError(`the suite closed the connection before its welcome (${code}${reason && ` ${reason}`})`));
            return;
          }
          this.#inService = false;
          this.#attempts.abortAll('lost');
          if (!this.#halt.signal.aborted) onEvent({ type: 'disconnected', code, reason });
          inService();
        },
      });
      this.#link = link;
      link.send(JSON.stringify({
        t: 'hello', protocol: PROTOCOL_VERSION, sdk: `${SDK_NAME}/${SDK_VERSION}`, name, handlers: [...handlers.keys()], slots,
      }));
    });
  }

  #enterService(link: Link, welcome: Welcome): void {
    this.#inService = true;
    link.keepAlive(welcome.heartbeat_ms);
    this.#settings.onEvent({ type: 'connected', worker: welcome.worker });
  }

  #begin(frame: RunFrame, link: Link): void {
    const invoke = this.#settings.handlers.get(frame.handler) ?? unknownHandler(frame.handler);
    this.#attempts.begin(frame, link, this.#stopping === undefined ? invoke : undefined); // it was on its way when we asked for no more
  }

  async #shutDown(timeoutMs: number): Promise<void> {
    if (this.#inService) {
      this.#link?.send('{"t":"drain"}');
      await this.#attempts.idle(timeoutMs);
      this.#attempts.releaseAll();
      await this.#attempts.idle(RELEASE_TIMEOUT_MS);
    }
    this.#halt.abort();
    await this.#link?.close();
    await this.#serving;
  }
}

// Trying again cannot help: the token, the SDK's version or the code must change first.
function isFinal({ status, code }: WorkerConnectionError): boolean {
  return status === 401 || status === 403 || code === 'protocol_unsupported' || code === 'handler_invalid' || code === 'invalid_frame';
}

function unknownHandler(name: string): Invoke {
  return () => {
    throw new RetryableError(`this worker has no handler '${name}'`, { code: 'handler_not_found' });
  };
}

function deferred(): Started {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((yes, no) => { resolve = yes; reject = no; });
  promise.catch(() => {}); // start() may not be awaited when stop() follows
  return { promise, resolve, reject };
}
