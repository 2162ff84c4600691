import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FatalError, RetryableError, type Handler, type JobContext } from '@reactor/jobs-sdk';
import { withWorker, type Frame } from './fake-suite.js';

async function endOf(handler: Handler, payload: unknown = {}): Promise<Frame> {
  let end: Frame = {};
  await withWorker(handler, async (suite) => { end = await suite.submit(payload).next(); });
  return end;
}

test('what a handler returns is the result', async () => {
  const results: [() => unknown, unknown][] = [
    [() => Response.json({ ok: true }), { ok: true }],
    [() => new Response(null, { status: 204 }), null],
    [() => new Response('', { status: 200 }), null],
    [() => new Response('plain text'), 'plain text'],
    [() => new Response('{"a":1}', { status: 201 }), { a: 1 }],
    [() => undefined, null],
    [() => ({ at: new Date(0) }), { at: '1970-01-01T00:00:00.000Z' }],
    [() => 'text', 'text'],
    [() => ({ status: 200, headers: new Headers(), body: {}, text: async () => '"a framework’s own Response"' }), 'a framework’s own Response'],
  ];
  for (const [handler, result] of results) {
    const end = await endOf(handler);
    assert.equal(end.outcome, 'completed');
    assert.deepEqual(end.result, result);
  }
});

test('a result that is not JSON is a fatal error', async () => {
  const end = await endOf(() => ({ total: 1n }));
  assert.equal(end.fatal, true);
  assert.equal(end.error.code, 'result_not_json');
  assert.match(end.error.message, /total is a BigInt/);
});

test('the status of a Response decides between retry and fatal', async () => {
  for (const [status, fatal] of [[408, false], [425, false], [429, false], [500, false], [503, false], [400, true], [404, true], [422, true], [302, true]] as const) {
    const end = await endOf(() => new Response(JSON.stringify({ error: `was ${status}` }), { status }));
    assert.equal(end.outcome, 'failed');
    assert.equal(end.fatal, fatal, String(status));
    assert.equal(end.error.code, `http_${status}`);
    assert.equal(end.error.message, `was ${status}`);
    assert.equal(end.error.step, null);
  }
});

test("an error Response's message is looked for in its body", async () => {
  for (const [body, message] of [
    ['{"error":{"message":"inner"}}', 'inner'], ['{"detail":"d","title":"t"}', 'd'], ['down for a while', 'down for a while'], ['', 'Service Unavailable'],
  ]) assert.equal((await endOf(() => new Response(body, { status: 503, statusText: 'Service Unavailable' }))).error.message, message);
});

test('Retry-After is passed on, in seconds or as a date', async () => {
  assert.equal((await endOf(() => new Response('', { status: 503, headers: { 'retry-after': '7' } }))).retry_after_ms, 7_000);
  const later = new Date(Date.now() + 3_600_000).toUTCString();
  const { retry_after_ms: ms } = await endOf(() => new Response('', { status: 429, headers: { 'retry-after': later } }));
  assert.ok(ms > 3_500_000 && ms <= 3_600_000);
  assert.ok(!('retry_after_ms' in await endOf(() => new Response('', { status: 503 }))));
});

test('thrown errors: plain ones retry, FatalError does not, RetryableError says when', async () => {
  const plain = await endOf(() => { throw Object.assign(new TypeError('broken', { cause: new Error('the root') }), { code: 'E_BROKEN' }); });
  assert.equal(plain.fatal, false);
  assert.deepEqual({ ...plain.error, stack: undefined }, { name: 'TypeError', message: 'broken', code: 'E_BROKEN', stack: undefined, step: null });
  assert.match(plain.error.stack, /TypeError: broken\n {4}at [^]*caused by Error: the root/);

  const fatal = await endOf(() => { throw new FatalError('no such order', { code: 'order_missing' }); });
  assert.equal(fatal.fatal, true);
  assert.equal(fatal.error.name, 'FatalError');
  assert.equal(fatal.error.code, 'order_missing');

  const retryable = await endOf(async () => { throw new RetryableError('busy', { retryAfterMs: 1_500 }); });
  assert.equal(retryable.fatal, false);
  assert.equal(retryable.retry_after_ms, 1_500);
  assert.ok(!('retry_after_ms' in await endOf(() => { throw new RetryableError('busy'); })));
  assert.throws(() => new RetryableError('x', { retryAfterMs: -1 }), /retryAfterMs must be a number of milliseconds/);
});

test('a FatalError of another copy of the SDK counts', async () => {
  const other = Object.assign(new Error('from elsewhere'), { [Symbol.for('reactor.jobs.error')]: 'fatal' });
  assert.equal((await endOf(() => { throw other; })).fatal, true);
});

test('what is thrown need not be an error', async () => {
  const thrown: [unknown, string][] = [['text', 'text'], [undefined, 'undefined'], [{ a: 1 }, '{"a":1}'], [10n, '10']];
  for (const [value, message] of thrown) assert.equal((await endOf(() => { throw value; })).error.message, message);
});

test("an error's step is that of the step that threw it, through a catch and a wrap; a caught one does not count", async () => {
  const failing = (ctx: JobContext, name: string) => ctx.step(name, () => { throw new Error(`in ${name}`); });
  const caught = await endOf(async (_request: Request, ctx: JobContext) => {
    const first = await failing(ctx, 'first').catch((error: unknown) => error);
    await failing(ctx, 'second').catch(() => {});
    throw first;
  });
  assert.equal(caught.error.step, 'first');
  assert.equal(caught.error.message, 'in first');
  const wrapped = await endOf(async (_request: Request, ctx: JobContext) => {
    await failing(ctx, 'a').catch((cause: unknown) => { throw new Error('could not do a', { cause }); });
  });
  assert.equal(wrapped.error.step, 'a');
  const own = await endOf(async (_request: Request, ctx: JobContext) => {
    await failing(ctx, 'a').catch(() => {});
    throw new Error('my own');
  });
  assert.equal(own.error.step, null);
});

test('a step that failed may be caught, and the handler goes on', async () => {
  const end = await endOf(async (_request: Request, ctx: JobContext) => {
    try {
      await ctx.step('a', async () => { throw new RangeError('original'); });
    } catch (error) {
      return { same: error instanceof RangeError, message: (error as Error).message };
    }
    return null;
  });
  assert.deepEqual(end.result, { same: true, message: 'original' });
});
