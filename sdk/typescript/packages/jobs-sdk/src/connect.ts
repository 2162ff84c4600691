import type { Agent } from 'node:http';
import WebSocket from 'ws';
import { WorkerConnectionError, type Endpoint } from './endpoint.js';
import { MAX_MESSAGE_BYTES } from './frames.js';

const HANDSHAKE_MS = 10_000;
const LONGEST_PROBLEM = 8 * 1024;

/**
 * Opens the socket; `halt` gives up on it while it is not open.
 * Rejects with a WorkerConnectionError, which has the status when the server refused the upgrade.
 */
export function openSocket(endpoint: Endpoint, halt: AbortSignal): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(endpoint.url, {
      headers: endpoint.headers,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      // A connection of its own: one that was kept after a refusal loses its listener for errors at the upgrade, and a reset would end the process.
      agent: false as unknown as Agent,
    });
    const terminate = (): void => socket.terminate();
    halt.addEventListener('abort', terminate, { once: true });
    socket.once('close', () => halt.removeEventListener('abort', terminate));
    socket.once('open', () => {
      halt.removeEventListener('abort', terminate);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    // Under bun, `ws` is bun's own socket, which hides the status: it is asked for by a plain request.
    const hidesStatus = 'bun' in process.versions;
    if (!hidesStatus) {
      socket.once('unexpected-response', (request, response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => { if (body.length < LONGEST_PROBLEM) body += chunk; });
        response.on('close', () => {
          request.destroy();
          reject(refusal(response.statusCode ?? 0, body));
        });
      });
    }
    socket.once('error', (cause) => {
      socket.on('error', () => {});
      const unreachable = (): void => reject(new WorkerConnectionError(`cannot connect to ${endpoint.url}: ${cause.message}`, { cause }));
      if (hidesStatus) void askStatus(endpoint).then((refused) => (refused ? reject(refused) : unreachable()), unreachable);
      else unreachable();
    });
  });
}

async function askStatus(endpoint: Endpoint): Promise<WorkerConnectionError | null> {
  const response = await fetch(endpoint.url.replace(/^ws/, 'http'), { headers: endpoint.headers, signal: AbortSignal.timeout(HANDSHAKE_MS) });
  const body = await response.text();
  return response.status === 401 || response.status === 403 ? refusal(response.status, body) : null;
}

function refusal(status: number, body: string): WorkerConnectionError {
  const named: Record<number, string> = { 401: 'unauthorized', 403: 'forbidden' };
  let detail = '';
  let code: string | null = named[status] ?? null;
  try {
    const problem = JSON.parse(body) as { code?: unknown; detail?: unknown; title?: unknown };
    if (typeof problem.code === 'string') code = problem.code;
    detail = String(problem.detail ?? problem.title ?? '');
  } catch {
    // Not a problem document: a proxy in between answers with whatever it likes, and the status says enough.
  }
  return new WorkerConnectionError(`the suite refused the worker with ${status}${detail ? `: ${detail}` : ''}`, { code, status });
}
