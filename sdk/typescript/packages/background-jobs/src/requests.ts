/** The suite has refused a request, or could not be reached. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  /**
   * @param status of HTTP; null where nothing answered
   * @param code stable, such as `invalid_request`; `unreachable` where nothing answered
   * @param errors what is wrong with the request, field by field
   */
  constructor(message: string, readonly status: number | null, readonly code: string, readonly errors: readonly { pointer: string; detail: string }[] = [], options?: ErrorOptions) {
    super(message, options);
  }
}

export interface RequestOptions {
  url: string;
  token: string;
  org?: string;
  timeoutMs: number;
}

/** One request, one answer. Nothing is sent twice by itself. */
export class Requests {
  readonly #options: RequestOptions;

  /** @throws TypeError naming the option. */
  constructor(options: RequestOptions) {
    const { url, token, timeoutMs } = options;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new TypeError(`url '${String(url)}' must be an http(s) URL, such as http://localhost:8000`);
    if (typeof token !== 'string' || token.trim() === '') throw new TypeError('token is required and must be a text that is not empty');
    if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) throw new TypeError(`timeoutMs must be a positive number, got ${String(timeoutMs)}`);
    this.#options = { ...options, url: url.replace(/\/+$/, '') };
  }

  /** @throws RequestRefused */
  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { url, token, org, timeoutMs } = this.#options;
    const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${token}` };
    if (org !== undefined) headers['x-reactor-org'] = org;
    if (body !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, {
        method, headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs), ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (cause) {
      const reason = (cause as Error).name === 'TimeoutError' ? `did not answer within ${timeoutMs} ms` : 'cannot be reached';
      throw new RequestRefused(`${method} ${url}${path} ${reason}`, null, 'unreachable', [], { cause });
    }
    if (!response.ok) throw refusal(response.status, text, `${method} ${path}`);
    return JSON.parse(text) as T;
  }
}

interface Problem {
  title?: string;
  detail?: string;
  code?: string;
  errors?: { pointer: string; detail: string }[];
}

function refusal(status: number, text: string, request: string): RequestRefused {
  let problem: Problem = {};
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    // Something else than the suite has answered: its status says all that is known.
  }
  const { title, detail, code = `http_${status}`, errors = [] } = problem;
  const named = errors.map((error) => `${error.pointer}: ${error.detail}`).join('; ');
  return new RequestRefused(`${request}: ${named || detail || title || `answered ${status}`}`, status, code, errors);
}
