/** One mistake in what was sent. */
export interface FieldError {
  /** A JSON pointer into the body, or the name of a query parameter or header. */
  pointer: string;
  detail: string;
  /** Where in the body that is, from 1. */
  line?: number;
  column?: number;
}

/** The API refused, or did not answer. */
export class ReactorError extends Error {
  /** The stable code of the refusal, such as `job_not_found`; `unreachable` where there was no answer. */
  readonly code: string;
  /** The HTTP status, or null where there was no answer. */
  readonly status: number | null;
  readonly errors: readonly FieldError[];
  /** When it may be worth another try, in milliseconds, where the API says so. */
  readonly retryAfterMs: number | null;

  constructor(message: string, code: string, status: number | null, options: { errors?: readonly FieldError[]; retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ReactorError';
    this.code = code;
    this.status = status;
    this.errors = options.errors ?? [];
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** What a refused request says of itself. */
export async function refusalOf(response: Response): Promise<ReactorError> {
  const text = await response.text();
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : null;
  try {
    const problem = JSON.parse(text) as { code?: string; detail?: string; errors?: FieldError[] };
    if (typeof problem.code === 'string') {
      const errors = problem.errors ?? [];
      const places = errors.length > 1 ? ` ${errors.map((error) => `${error.pointer}: ${error.detail}`).join('; ')}` : '';
      return new ReactorError(`${problem.detail ?? problem.code}${places}`, problem.code, response.status, { errors, retryAfterMs });
    }
  } catch {
    // Not the API itself, but something before it.
  }
  return new ReactorError(`${response.url} answered ${response.status}: ${text.slice(0, 500)}`, 'unexpected_answer', response.status, { retryAfterMs });
}
