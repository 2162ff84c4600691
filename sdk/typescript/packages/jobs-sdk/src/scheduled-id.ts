import { createHash } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PREFIX = 'run_';
const TIME_BYTES = 6;
const ID_BYTES = 16;

/**
 * The id of a run that another one schedules: it follows from that run, the journal's key and the number among that key's schedules, so that a
 * replay gives the same one. The suite makes it in the same way.
 */
export function scheduledRunId(run: string, key: string, index: number): string {
  const parent = bytesOf(run.slice(PREFIX.length));
  const hash = createHash('sha256').update(parent).update(`${key}/run/${index}`, 'utf8').digest();
  return PREFIX + textOf(Buffer.concat([parent.subarray(0, TIME_BYTES), hash.subarray(0, ID_BYTES - TIME_BYTES)]));
}

function bytesOf(ulid: string): Buffer {
  let value = 0n;
  for (const digit of ulid) value = (value << 5n) | BigInt(DIGITS.indexOf(digit));
  return Buffer.from(value.toString(16).padStart(2 * ID_BYTES, '0').slice(-2 * ID_BYTES), 'hex');
}

function textOf(bytes: Buffer): string {
  let value = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let i = 0; i < 26; i++, value >>= 5n) text = DIGITS[Number(value & 31n)]! + text;
  return text;
}
