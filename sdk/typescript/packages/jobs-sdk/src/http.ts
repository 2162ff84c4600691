import { Attempt, type AttemptPort } from './attempt.js';
import { reportOf } from './errors.js';
import type { Checkpoint, LogEntry, Question, RunFrame } from './frames.js';
import { invocationOf, type Handler, type Invoke } from './handler.js';
import { CallbackError, fetchRun, HttpJournal, type Callback } from './http-journal.js';
import type { Answered } from './journal.js';
import type { Failed, Outcome } from './outcome.js';

/** Options of {@link createHttpHandler}. */
export interface HttpHandlerOptions {
  /**
   * The suite's URL. A request whose callback is elsewhere is refused with 403. Set it where the endpoint can be reached by others than the
   * suite: without it, whoever sends the right headers can run the handler with a journal of their own. Default: any callback.
   */
  suiteUrl?: string;
}

/**
 * A job's handler as a fetch-style endpoint, for a job whose handler is an http(s) URL. It answers 2xx with the result, 202 for a suspended
 * attempt, 500 or (when fatal) 422 for a failed one; 400 for a request that does not come from the suite.
 * @throws TypeError when the handler is neither a function nor has `fetch`, or `suiteUrl` is not a URL
 */
export function createHttpHandler(handler: Handler, options: HttpHandlerOptions = {}): (request: Request) => Promise<Response> {
  const invoke = invocationOf(handler, 'default');
  const suite = options.suiteUrl === undefined ? undefined : new URL(options.suiteUrl).origin;
  return async (request) => {
    if (request.method !== 'POST') return refusal(405, 'method_not_allowed', `a run is sent by POST, not ${request.method}`, { allow: 'POST' });
    const callback = callbackOf(request.headers);
    if (typeof callback === 'string') return refusal(400, 'invalid_request', callback);
    if (suite !== undefined && new URL(callback.url).origin !== suite)
      return refusal(403, 'forbidden', `the callback must be at ${suite}, not at ${new URL(callback.url).origin}`);
    try {
      const [body, frame] = await Promise.all([request.text(), fetchRun(callback, request.signal)]);
      return await new Promise<Response>((answer) => {
        new HttpAttempt(frame, callback, answer).start(invoke, body, request.signal);
      });
    } catch (problem) {
      return failure({ kind: 'failed', error: reportOf(problem, null), fatal: false });
    }
  };
}

/** An attempt that lives as long as its request. */
class HttpAttempt implements AttemptPort {
  readonly #attempt: Attempt;
  readonly #journal: HttpJournal;
  readonly #answer: (response: Response) => void;
  readonly #halt = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(frame: RunFrame, callback: Callback, answer: (response: Response) => void) {
    this.#answer = answer;
    this.#journal = new HttpJournal(callback, this.#halt.signal, (cause) => this.#stop('lost', cause));
    this.#attempt = new Attempt(frame, this);
  }

  start(invoke: Invoke, body: string, signal: AbortSignal): void {
    const { timeout_ms: timeoutMs } = this.#attempt.frame;
    // There is no channel on which the suite could abort: the attempt keeps its own time, and ends when the suite hangs up.
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.#stop('timeout', new Error(`the attempt took longer than ${timeoutMs} ms`)), timeoutMs);
    signal.addEventListener('abort', () => this.#stop('lost', new Error('the request was aborted')), { once: true });
    void this.#attempt.start(invoke, body);
  }

  commit(checkpoint: Checkpoint, answered: Answered): void {
    this.#journal.commit(checkpoint, answered);
  }

  ask(question: Question, answered: Answered): void {
    this.#journal.ask(question, answered);
  }

  log(entry: LogEntry): void {
    this.#journal.log(entry);
  }

  ended(outcome: Outcome): void {
    void this.#journal.flush().then(() => this.#finish(responseOf(outcome)));
  }

  superseded(): void {
    this.#stop('superseded', new Error('another attempt has taken over, or the run has ended'));
  }

  #stop(reason: 'lost' | 'timeout' | 'superseded', cause: unknown): void {
    this.#attempt.abort(reason);
    const error = reportOf(cause, null);
    this.#finish(failure({ kind: 'failed', error: { ...error, code: cause instanceof CallbackError ? error.code : reason }, fatal: false }));
  }

  #finish(response: Response): void {
    clearTimeout(this.#timer);
    this.#halt.abort();
    this.#answer(response); // a promise: only the first answer counts
  }
}

/** The callback that the headers name, or what is wrong with them. */
function callbackOf(headers: Headers): Callback | string {
  const missing = ['Reactor-Run', 'Reactor-Epoch', 'Reactor-Callback', 'Reactor-Callback-Token'].filter((name) => !headers.get(name));
  if (missing.length > 0) return `this is a job handler, called by the suite only; missing: ${missing.join(', ')}`;
  const url = headers.get('Reactor-Callback')!;
  const epoch = Number(headers.get('Reactor-Epoch'));
  if (!Number.isSafeInteger(epoch) || epoch < 0) return 'Reactor-Epoch must be a whole number';
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return 'Reactor-Callback must be an http or https URL';
  return { url, epoch, run: headers.get('Reactor-Run')!, token: headers.get('Reactor-Callback-Token')! };
}

function responseOf(outcome: Outcome): Response {
  switch (outcome.kind) {
    case 'completed':
      return json(200, outcome.result, { 'reactor-outcome': 'completed' });
    case 'suspended':
      return json(202, JSON.stringify({ waits: outcome.waits }), { 'reactor-outcome': 'suspended' });
    case 'failed':
      return failure(outcome);
  }
}

function failure({ error, fatal, retryAfterMs }: Failed): Response {
  const headers: Record<string, string> = { 'reactor-outcome': 'failed' };
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1_000));
  return json(fatal ? 422 : 500, JSON.stringify({ error }), headers);
}

function refusal(status: number, code: string, message: string, headers: Record<string, string> = {}): Response {
  return json(status, JSON.stringify({ error: { code, message } }), headers);
}

function json(status: number, body: string, headers: Record<string, string>): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
}
