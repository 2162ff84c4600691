import { createHttpHandler, reportOf, type Invoke } from '@reactor/jobs-sdk/runtime';
import { withConsole } from './console.js';
import type { Entry } from './entry.js';

// Of all that an attempt of another installation brings along, what no plain request has.
const ATTEMPT_HEADER = 'reactor-callback-token';

/** A plain request to the function: there is no run, and so no context. Or an attempt of a job elsewhere, whose context calls back there. */
export interface InvokeFrame {
  t: 'invoke';
  id: number;
  method: string;
  /** With the query. */
  path: string;
  headers: [string, string][];
  body?: string;
  /** Whether the body is base64 rather than text. */
  base64?: boolean;
}

/** The frame that answers it. */
export async function answer(frame: InvokeFrame, entry: Promise<Entry>): Promise<string> {
  try {
    const loaded = await entry;
    if ('problem' in loaded) throw loaded.problem;
    const handler = loaded.handlers('default');
    if ('problem' in handler) throw handler.problem;
    const request = requestOf(frame);
    const returned = await (request.headers.has(ATTEMPT_HEADER) ? attemptOf(handler.invoke, request) : (handler.invoke as (request: Request) => unknown)(request));
    return JSON.stringify({ t: 'answer', id: frame.id, ...await contentOf(returned) });
  } catch (thrown) {
    return JSON.stringify({ t: 'answer', id: frame.id, error: reportOf(thrown, null) });
  }
}

function attemptOf(invoke: Invoke, request: Request): Promise<Response> {
  return createHttpHandler((inner, ctx) => withConsole(ctx, () => invoke(inner, ctx)))(request);
}

function requestOf({ method, path, headers, body, base64 }: InvokeFrame): Request {
  const content = body === undefined || method === 'GET' || method === 'HEAD' ? null : base64 ? Buffer.from(body, 'base64') : body;
  return new Request(new URL(path, 'http://reactor.local'), { method, headers, body: content });
}

async function contentOf(returned: unknown): Promise<{ status: number; headers: [string, string][]; body: string; base64?: true }> {
  if (returned === undefined) return { status: 204, headers: [], body: '' };
  const response = isResponse(returned) ? returned : Response.json(returned);
  const headers = [...response.headers];
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  // What is not UTF-8 does not come back as it was.
  return Buffer.byteLength(text) === bytes.length && Buffer.from(text).equals(bytes)
    ? { status: response.status, headers, body: text }
    : { status: response.status, headers, body: bytes.toString('base64'), base64: true };
}

function isResponse(value: unknown): value is Response {
  return value instanceof Response
    || (typeof value === 'object' && value !== null && typeof (value as Response).arrayBuffer === 'function' && typeof (value as Response).status === 'number');
}
