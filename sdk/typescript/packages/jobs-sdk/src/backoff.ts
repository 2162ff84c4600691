/** How often a step is tried inside one attempt of its run, and how long it waits in between. */
export interface StepRetry {
  /** Tries in all, the first one counted. At least 1. */
  maxAttempts: number;
  /** Before the second try, in milliseconds. Default 1,000. */
  initialDelayMs?: number;
  /** No wait is longer, in milliseconds. Default 60,000. */
  maxDelayMs?: number;
  /** `exponential` doubles the wait each time, `linear` adds the initial one. Default `exponential`. */
  backoff?: 'exponential' | 'linear';
}

/** The wait after the given failed try (1 for the first), in milliseconds. */
export function stepRetryDelay(retry: StepRetry, failedTry: number): number {
  const initial = retry.initialDelayMs ?? 1_000;
  const delay = retry.backoff === 'linear' ? initial * failedTry : initial * 2 ** (failedTry - 1);
  return Math.min(delay, retry.maxDelayMs ?? 60_000);
}

/** What is wrong with a retry policy, or null. */
export function stepRetryProblem(retry: StepRetry): string | null {
  if (!Number.isInteger(retry.maxAttempts) || retry.maxAttempts < 1) return 'retry.maxAttempts must be a whole number of at least 1';
  for (const field of ['initialDelayMs', 'maxDelayMs'] as const) {
    const ms = retry[field];
    if (ms !== undefined && !(Number.isFinite(ms) && ms >= 0)) return `retry.${field} must be a number of milliseconds of at least 0`;
  }
  if (retry.backoff !== undefined && retry.backoff !== 'exponential' && retry.backoff !== 'linear')
    return "retry.backoff must be 'exponential' or 'linear'";
  return null;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * The pause before reconnecting or sending again, in milliseconds: from 100 ms, doubled up to 5 s, of which the upper half is chance, so that
 * a thousand workers do not come back in one instant.
 * @param failures how many tries have failed in a row, from 1
 * @param chance a number in [0, 1)
 */
export function reconnectDelay(failures: number, chance: number): number {
  const ceiling = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 16), LONGEST_PAUSE_MS);
  return Math.max(FIRST_PAUSE_MS, Math.round(ceiling * (0.5 + chance / 2)));
}
