import { ReactorError, refusalOf } from './errors.js';
import { camelCased } from './json.js';

/** Options of {@link createClient}. */
export interface ClientOptions {
  /** The suite's base URL, `http://localhost:8000`; http or https. */
  url: string;
  /** A service token; `auth.setToken` gives it later, or another one. */
  token?: string;
  /** The org's slug; needed where the token belongs to several. */
  org?: string;
  /** Limit of one request, in milliseconds. Default 100,000. A run is waited for no longer than this. */
  timeoutMs?: number;
}

export type Query = Record<string, string | number | undefined>;

/** One request, one answer. Nothing is sent twice by itself: whether a repeat is harmless, the caller knows. */
export class Transport {
  token: string | undefined;
  org: string | undefined;

  readonly #url: string;
  readonly #timeoutMs: number;

  /** @throws TypeError naming the option. */
  constructor({ url, token, org, timeoutMs = 100_000 }: ClientOptions) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new TypeError(`url '${String(url)}' must be an http(s) URL, such as http://localhost:8000`);
    if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) throw new TypeError(`timeoutMs must be a positive number, got ${String(timeoutMs)}`);
    this.#url = url.replace(/\/+$/, '');
    this.#timeoutMs = timeoutMs;
    this.token = token;
    this.org = org;
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined).map(([name, value]): [string, string] => [name, String(value)]);
    return this.send('GET', given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`);
  }

  /**
   * The answer, its fields in camelCase; undefined where there is none.
   * @throws ReactorError
   */
  async send<T>(method: string, path: string, body?: unknown, extra: Record<string, string> = {}): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json', ...extra };
    if (this.token !== undefined) headers['authorization'] = `Bearer ${this.token}`;
    if (this.org !== undefined) headers['x-reactor-org'] = this.org;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const target = `${this.#url}${path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(target, {
        method, headers, redirect: 'manual', signal: AbortSignal.timeout(this.#timeoutMs), ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw await refusalOf(response);
      text = await response.text();
    } catch (cause) {
      if (cause instanceof ReactorError) throw cause;
      const reason = (cause as Error).name === 'TimeoutError' ? `did not answer within ${this.#timeoutMs} ms` : `cannot be reached: ${reasonOf(cause)}`;
      throw new ReactorError(`${method} ${target} ${reason}`, 'unreachable', null, { cause });
    }
    return (text === '' ? undefined : camelCased(JSON.parse(text))) as T;
  }
}

/** A name as a part of a path: a `/` in it is `%2F`. */
export const segment = (name: string): string => encodeURIComponent(name);

// fetch says only that it failed; why is in its cause.
function reasonOf(thrown: unknown): string {
  const { message, cause } = thrown as Error;
  return cause instanceof Error ? cause.message : message;
}
