import { hostname } from 'node:os';
import { endpointOf, type Endpoint, type WorkerConnectionError } from './endpoint.js';
import { checkHandlerName, invocationOf, type Handler, type Invoke } from './handler.js';

const MOST_SLOTS = 10_000;
const LONGEST_NAME = 200;

export interface WorkerOptions {
  /** The suite's base URL, `http://localhost:8000`; http, https, ws or wss. */
  url: string;
  /** A service token. */
  token: string;
  /** The org's slug; needed where the token belongs to several. */
  org?: string;
  /** How many runs this worker takes at once, 1 to 10,000. Default 10. */
  concurrency?: number;
  /** Handlers by name: `[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}`. At least one. */
  handlers: Record<string, Handler>;
  /** Shown to operators. Default `<host>:<pid>`. */
  name?: string;
  /** Told of the connection's life, for logs and health checks. An error it throws is not caught. */
  onEvent?: (event: WorkerEvent) => void;
}

export type WorkerEvent =
  /** In service; `worker` is the id that the suite gave. */
  | { type: 'connected'; worker: string }
  /** What ran is aborted (`lost`) and starts again elsewhere; the worker reconnects. */
  | { type: 'disconnected'; code: number; reason: string }
  /** No connection yet; the next try comes after `retryInMs`. */
  | { type: 'connect_failed'; error: WorkerConnectionError; retryInMs: number }
  /** The suite reported a protocol error and closes the connection. */
  | { type: 'server_error'; code: string; message: string };

/** Options that were checked and completed. */
export interface WorkerSettings {
  endpoint: Endpoint;
  slots: number;
  name: string;
  handlers: Map<string, Invoke>;
  onEvent: (event: WorkerEvent) => void;
}

/** @throws TypeError naming the option. */
export function checkOptions(options: WorkerOptions): WorkerSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('createWorker needs options: { url, token, handlers }');
  const { org, concurrency = 10, handlers, name = `${hostname()}:${process.pid}`, onEvent = () => {} } = options;
  const url = requireText('url', options.url);
  const token = requireText('token', options.token);
  if (org !== undefined) requireText('org', org);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_SLOTS)
    throw new TypeError(`concurrency must be a whole number from 1 to ${MOST_SLOTS}, got ${String(concurrency)}`);
  if (typeof onEvent !== 'function') throw new TypeError('onEvent must be a function');
  if (typeof handlers !== 'object' || handlers === null || Object.keys(handlers).length === 0)
    throw new TypeError("handlers must be an object with at least one handler, as in { 'process-order': handler }");

  const invocations = new Map<string, Invoke>();
  for (const [handlerName, handler] of Object.entries(handlers)) {
    checkHandlerName(handlerName);
    invocations.set(handlerName, invocationOf(handler, handlerName));
  }
  return {
    endpoint: endpointOf(url, token, org),
    slots: concurrency,
    name: requireText('name', name).slice(0, LONGEST_NAME),
    handlers: invocations,
    onEvent,
  };
}

function requireText(field: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new TypeError(`createWorker: ${field} is required and must be a text that is not empty, got ${value === '' ? "''" : String(value)}`);
}
