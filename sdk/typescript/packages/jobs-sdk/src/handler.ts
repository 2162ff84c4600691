import type { JobContext } from './context.js';
import { HANDLER_NAME } from './frames.js';

declare global {
  /** What `fetch(request, env, ctx)` gets as `env`: the process's environment variables. Declare its members in your own code. */
  interface Env {}
}

/**
 * The plain form: `export default async function handler(req, ctx?)`. The request is a POST whose JSON body is the run's payload. Returns a
 * Response (2xx completes the run with its JSON body; 408, 425, 429 and 5xx retry; anything else is fatal) or a JSON value.
 */
export type HandlerFunction = (request: Request, ctx: JobContext) => unknown;

/** The object form: `export default { async fetch(request, env, ctx) {} }`. */
export interface HandlerObject {
  fetch(request: Request, env: Env, ctx: JobContext): unknown;
}

/** A handler in either form, or a module that exports one as its default. */
export type Handler = HandlerFunction | HandlerObject | { readonly default: HandlerFunction | HandlerObject };

/** Both forms as one call. */
export type Invoke = (request: Request, ctx: JobContext) => unknown;

/** @throws TypeError naming the handler when it is neither form. */
export function invocationOf(handler: Handler, name: string): Invoke {
  const form: unknown = isObject(handler) && !isFetcher(handler) && 'default' in handler ? handler.default : handler;
  if (typeof form === 'function') return form as HandlerFunction;
  if (isObject(form) && isFetcher(form)) return (request, ctx) => form.fetch(request, process.env as Env, ctx);
  throw new TypeError(
    `handler '${name}' must be a function (request, ctx) or an object with fetch(request, env, ctx), got ${form === null ? 'null' : typeof form}`);
}

/** @throws TypeError naming the handler. */
export function checkHandlerName(name: string): void {
  if (!HANDLER_NAME.test(name)) {
    throw new TypeError(
      `'${name}' is not a handler name: 1 to 128 letters, digits and . _ : / -, of which the first is a letter or digit`);
  }
}

/** The request that a handler gets. */
export function jobRequest(job: string, body: string): Request {
  return new Request(`http://reactor.local/jobs/${job.replaceAll('/', '%2F')}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isFetcher(value: object): value is HandlerObject {
  return typeof (value as { fetch?: unknown }).fetch === 'function';
}
