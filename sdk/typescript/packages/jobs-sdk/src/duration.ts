import { FatalError } from './errors.js';

/** `500ms`, `30s`, `5m`, `24h`, `7d`, ISO 8601 (`PT1H30M`, `P1D`, `P2W`), or a number of milliseconds. */
export type Duration = string | number;

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SHORT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const ISO = /^P(?=[\dT])(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const ISO_MS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000];

// A hundred years: beyond it the due time is a mistake, and would overflow a timestamp somewhere on its way.
const LONGEST_MS = 36_525 * 86_400_000;

/**
 * A duration in whole milliseconds, rounded.
 * @throws FatalError (`duration_invalid`) for anything else, for years and months (their length varies), for less than 0 and more than 100 years.
 */
export function durationMs(duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : typeof duration === 'string' ? parse(duration.trim()) : NaN;
  if (!(ms >= 0 && ms <= LONGEST_MS)) {
    throw new FatalError(
      `${typeof duration === 'string' ? `'${duration}'` : String(duration)} is not a duration: use 500ms, 30s, 5m, 24h, 7d, `
      + 'ISO 8601 such as PT1H30M or P1D, or a number of milliseconds, from 0 to 100 years',
      { code: 'duration_invalid' });
  }
  return Math.round(ms);
}

function parse(text: string): number {
  const short = SHORT.exec(text);
  if (short) return Number(short[1]) * UNIT_MS[short[2]!]!;
  const iso = ISO.exec(text);
  if (!iso) return NaN;
  return ISO_MS.reduce((sum, unit, i) => sum + Number(iso[i + 1] ?? 0) * unit, 0);
}
