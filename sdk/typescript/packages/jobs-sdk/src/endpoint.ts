/** The suite could not be reached, or refused the worker. */
export class WorkerConnectionError extends Error {
  /** `unauthorized`, `forbidden`, an error frame's code such as `protocol_unsupported`, or null when the suite was not reached. */
  readonly code: string | null;
  /** The HTTP status that refused the upgrade, or null. */
  readonly status: number | null;

  constructor(message: string, options: { code?: string | null; status?: number | null; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WorkerConnectionError';
    this.code = options.code ?? null;
    this.status = options.status ?? null;
  }
}

export interface Endpoint {
  /** `ws(s)://…/jobs/v1/_worker` */
  url: string;
  headers: Record<string, string>;
}

/**
 * The worker endpoint of a suite.
 * @throws TypeError when `url` is not an http(s) or ws(s) URL
 */
export function endpointOf(url: string, token: string, org: string | undefined): Endpoint {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new TypeError(`url '${url}' is not a URL; expected something like http://localhost:8000`);
  }
  const protocol = ({ 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' } as Record<string, string>)[parsed.protocol];
  if (protocol === undefined) throw new TypeError(`url '${url}' must start with http://, https://, ws:// or wss://`);
  const path = parsed.pathname.replace(/\/+$/, '');
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (org !== undefined) headers['x-reactor-org'] = org;
  return { url: `${protocol}//${parsed.host}${path}/jobs/v1/_worker`, headers };
}
