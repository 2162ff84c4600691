// The handlers of the source documents as they are printed, and what a handler gets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorker, type Handler, type JobContext } from '@reactor/jobs-sdk';
import { withWorker } from './fake-suite.js';

const validateOrder = (payload: { orderId: string }) => ({ id: payload.orderId });
const chargeCustomer = async (order: { id: string }) => ({ charged: order.id });
const syncData = async (): Promise<void> => { throw Object.assign(new Error('slow down'), { code: 'RATE_LIMITED' }); };

const processOrder = {
  async fetch(request: Request, _env: Env, ctx: JobContext): Promise<Response> {
    const payload = await request.json() as any;

    const order = await ctx.step('validate', async () => validateOrder(payload));
    await ctx.step('charge', async () => chargeCustomer(order));
    await ctx.emit('order.processed', { orderId: order.id });

    return Response.json({ success: true, orderId: order.id });
  },
};

async function syncApi(req: Request): Promise<Response> {
  await req.json();
  try {
    await syncData();
    return Response.json({ ok: true });
  } catch (err: any) {
    if (err.code === 'RATE_LIMITED') {
      return new Response(JSON.stringify({ error: err.message }), { status: 503 });
    }
    return new Response(JSON.stringify({ error: err.message }), { status: 422 });
  }
}

test('the object form, alone and as a module', async () => {
  for (const handler of [processOrder, { default: processOrder }] satisfies Handler[]) {
    await withWorker(handler, async (suite) => {
      const run = suite.submit({ orderId: 'ord_123' });
      assert.deepEqual((await run.next()).result, { success: true, orderId: 'ord_123' });
      assert.deepEqual(run.events, [{ key: 'emit:0', topic: 'order.processed', payload: { orderId: 'ord_123' } }]);
    });
  }
});

test('the function form', async () => {
  await withWorker(syncApi, async (suite) => {
    const end = await suite.submit({}).next();
    assert.equal(end.fatal, false);
    assert.equal(end.error.message, 'slow down');
  });
});

test('the request, the env and the run', async () => {
  process.env['REACTOR_SDK_TEST'] = 'here';
  await withWorker({
    async fetch(request: Request, env: Env & { REACTOR_SDK_TEST?: string }, ctx: JobContext) {
      return {
        method: request.method, url: request.url, type: request.headers.get('content-type'), body: await request.text(), standard: request instanceof Request,
        env: env.REACTOR_SDK_TEST, run: ctx.run, aborted: ctx.signal.aborted,
      };
    },
  }, async (suite) => {
    const run = suite.submit({ b: [1, 'ü'], a: null }, 'job', 'ns:images/resize');
    assert.deepEqual((await run.next()).result, {
      method: 'POST', url: 'http://reactor.local/jobs/ns:images%2Fresize', type: 'application/json', body: '{"b":[1,"ü"],"a":null}', standard: true, env: 'here',
      run: { id: run.id, jobId: 'ns:images/resize', attempt: 1, trigger: { kind: 'manual', id: null }, orgId: 'acme' }, aborted: false,
    });
  });
});

test('lines of the log carry level and step, and travel together', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => {
    ctx.log.info('start', { n: 1 }, 2n);
    await ctx.step('a', () => { ctx.log.debug('inside'); });
    ctx.log.warn('w');
    ctx.log.error(new Error('with a stack'));
  }, async (suite) => {
    const run = suite.submit();
    await run.next();
    assert.deepEqual(run.logs.map(({ level, step }) => [level, step]), [['info', null], ['debug', 'a'], ['warn', null], ['error', null]]);
    assert.equal(run.logs[0]!.message, 'start {"n":1} [object BigInt]');
    assert.match(run.logs[3]!.message, /^Error: with a stack\n {4}at /);
    assert.match(run.logs[0]!.ts, /^\d{4}-.*Z$/);
  });
});

test('options that are missing or wrong are named at once', () => {
  const good = { url: 'http://localhost:8000', token: 't', handlers: { job: () => null } };
  const cases: [object, RegExp][] = [
    [{ url: undefined }, /url is required/],
    [{ url: 'nonsense' }, /url 'nonsense' is not a URL/],
    [{ url: 'ftp://x' }, /url 'ftp:\/\/x' must start with http/],
    [{ token: '' }, /token is required/],
    [{ org: 5 }, /org is required/],
    [{ concurrency: 0 }, /concurrency must be a whole number from 1 to 10000, got 0/],
    [{ concurrency: 10_001 }, /concurrency/],
    [{ handlers: {} }, /handlers must be an object with at least one/],
    [{ handlers: { 'bad name': () => null } }, /'bad name' is not a handler name/],
    [{ handlers: { ['x'.repeat(129)]: () => null } }, /is not a handler name/],
    [{ handlers: { job: 'text' } }, /handler 'job' must be a function/],
    [{ handlers: { job: {} } }, /handler 'job' must be a function/],
    [{ onEvent: 1 }, /onEvent must be a function/],
    [{ name: '' }, /name is required/],
  ];
  for (const [wrong, message] of cases) assert.throws(() => createWorker({ ...good, ...wrong } as never), { name: 'TypeError', message });
  assert.throws(() => createWorker(undefined as never), /createWorker needs options/);
  createWorker({ ...good, handlers: { 'ns:fn': () => 1, 'saveImage/local': () => 1, someUniqueJobType: () => 1 } });
});
