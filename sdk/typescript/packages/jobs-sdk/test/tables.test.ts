// The pure parts, by table.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { reconnectDelay, stepRetryDelay } from '#sdk/backoff';
import { durationMs } from '#sdk/duration';
import { NotJsonError, toJson } from '#sdk/json';
import { isTooLarge, Outbox } from '#sdk/outbox';
import { retryAfterMs } from '#sdk/outcome';
import { SDK_NAME, SDK_VERSION } from '#sdk/version';

test('durations', () => {
  const good: [string | number, number][] = [
    ['500ms', 500], ['30s', 30_000], ['5m', 300_000], ['24h', 86_400_000], ['7d', 604_800_000], ['1.5h', 5_400_000], ['0s', 0], [' 2s ', 2_000],
    ['PT1H30M', 5_400_000], ['P1D', 86_400_000], ['P1DT12H', 129_600_000], ['P2W', 1_209_600_000], ['PT0.5S', 500], [1_234, 1_234], [0, 0], [0.6, 1],
  ];
  for (const [duration, ms] of good) assert.equal(durationMs(duration), ms, String(duration));
  for (const bad of ['', '5', '5 m', 'h', '-5m', '5y', 'P', 'PT', 'P1Y', 'P1M', 'P1', 'PT1D', '1h30m', '40000d', -1, NaN, Infinity, null, undefined, {}]) {
    assert.throws(() => durationMs(bad as never), { name: 'FatalError', code: 'duration_invalid', message: /is not a duration/ }, String(bad));
  }
});

test('values through JSON', () => {
  const same = [null, true, 0, -1.5, '', 'ü\u0000', [], {}, [1, [2, { a: null }]], { a: { b: [undefined, 1] }, c: undefined }, new Date(0), new Date(NaN),
    { toJSON: () => ({ x: 1 }) }, Object('text'), Object(1), new (class Point { x = 1; get y() { return 2; } })(), JSON.parse('{"__proto__": {"a": 1}}'),
    new Array(3), { list: [() => 1].slice(1) }, new Uint8Array([1, 2]), new URL('http://a/'), Object.create(null)];
  for (const value of same) assert.equal(JSON.stringify(toJson(value)), JSON.stringify(value));
  assert.equal(toJson(undefined), null);
  assert.ok(Object.is(toJson(-0), 0));

  const shared = { n: 1 };
  assert.deepEqual(toJson([shared, shared]), [{ n: 1 }, { n: 1 }]);
  const self: { toJSON?: () => unknown; a: number } = { a: 1 };
  Object.defineProperty(self, 'toJSON', { value: () => self });
  assert.deepEqual(toJson(self), { a: 1 });

  let deep: unknown = 1;
  for (let i = 0; i < 64; i++) deep = [deep];
  assert.deepEqual(toJson(deep), deep);
  assert.throws(() => toJson([deep]), (error: NotJsonError) => /nested deeper than 64 levels/.test(error.message));
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.throws(() => toJson(deep), NotJsonError);
});

test('waits of a step retry', () => {
  const waits = (retry: object) => [1, 2, 3, 4].map((failed) => stepRetryDelay({ maxAttempts: 9, ...retry }, failed));
  assert.deepEqual(waits({}), [1_000, 2_000, 4_000, 8_000]);
  assert.deepEqual(waits({ backoff: 'linear', initialDelayMs: 10 }), [10, 20, 30, 40]);
  assert.deepEqual(waits({ maxDelayMs: 1_500 }), [1_000, 1_500, 1_500, 1_500]);
  assert.equal(stepRetryDelay({ maxAttempts: 9_999 }, 5_000), 60_000);
});

test('waits before reconnecting', () => {
  assert.equal(reconnectDelay(1, 0), 100);
  assert.equal(reconnectDelay(1, 0.999), 200);
  assert.equal(reconnectDelay(4, 0.5), 1_200);
  assert.equal(reconnectDelay(1_000, 0), 2_500);
  assert.equal(reconnectDelay(1_000, 0.9999), 5_000);
});

test('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(retryAfterMs('120', now), 120_000);
  assert.equal(retryAfterMs('0', now), 0);
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000);
  assert.equal(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
  assert.equal(retryAfterMs('soon', now), undefined);
  assert.equal(retryAfterMs(null, now), undefined);
});

test('frames of one turn travel in one message, and no message is over 16 MiB', async () => {
  const messages: string[] = [];
  const outbox = new Outbox((message) => messages.push(message));
  outbox.push('{"a":1}');
  queueMicrotask(() => outbox.push('{"b":2}'));
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual(messages, ['[{"a":1},{"b":2}]']);

  const large = JSON.stringify('€'.repeat(3 * 1024 * 1024));
  assert.equal(isTooLarge(large), false);
  assert.equal(isTooLarge(JSON.stringify('€'.repeat(6 * 1024 * 1024))), true);
  for (let i = 0; i < 4; i++) outbox.push(large);
  outbox.flush();
  assert.equal(messages.length, 5);
  for (const message of messages) assert.ok(Buffer.byteLength(message) <= 16 * 1024 * 1024);
});

test('the version that operators see is that of the package', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { name: string; version: string };
  assert.deepEqual([SDK_NAME, SDK_VERSION], [name, version]);
});
