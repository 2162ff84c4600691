import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpHandler, FatalError, RetryableError, type Handler, type HttpHandlerOptions, type JobContext } from '@reactor/jobs-sdk';
import { FakeSuite, gate, type FakeRun } from './fake-suite.js';

async function withCallback(use: (suite: FakeSuite, call: (run: FakeRun, signal?: AbortSignal) => Promise<Response>) => Promise<void>,
  handler: Handler, options?: HttpHandlerOptions): Promise<void> {
  const suite = await FakeSuite.start();
  const endpoint = createHttpHandler(handler, options);
  try {
    await use(suite, (run, signal) => {
      run.epoch++;
      return endpoint(requestFor(suite, run, signal));
    });
  } finally {
    await suite.stop();
  }
}

function requestFor(suite: FakeSuite, run: FakeRun, signal?: AbortSignal): Request {
  return new Request('http://app.example/jobs/report', {
    method: 'POST',
    body: JSON.stringify(run.payload),
    headers: {
      'Reactor-Run': run.id, 'Reactor-Epoch': String(run.epoch), 'Reactor-Attempt': '1', 'Reactor-Job': run.job, 'Reactor-Org': 'acme',
      'Reactor-Callback': suite.callback, 'Reactor-Callback-Token': 'callback-token',
    },
    ...(signal && { signal }),
  });
}

test('an attempt over HTTP: journaled by callbacks, suspended with 202, completed with the result', async () => {
  const ran: string[] = [];
  await withCallback(async (suite, call) => {
    const run = suite.submit({ n: 2 });
    const suspended = await call(run);
    assert.equal(suspended.status, 202);
    assert.equal(suspended.headers.get('reactor-outcome'), 'suspended');
    assert.deepEqual(await suspended.json(), { waits: ['sleep:nap'] });
    run.entries.find((entry) => entry.key === 'sleep:nap')!.done = true;
    const done = await call(run);
    assert.equal(done.status, 200);
    assert.deepEqual(await done.json(), { total: 4, job: 'job', org: 'acme' });
    assert.deepEqual(run.keys, ['step:a', 'step:b', 'state:0', 'sleep:nap', 'emit:0']);
    assert.deepEqual(ran, ['a', 'b']);
    assert.deepEqual(run.logs.map((line) => line.message), ['hello', 'hello']);
    assert.deepEqual(suite.messages[0]!.map((frame) => frame.t), ['log', 'checkpoint', 'checkpoint']);
  }, async (request: Request, ctx: JobContext) => {
    const { n } = await request.json() as { n: number };
    ctx.log.info('hello');
    const [a, b] = await Promise.all([ctx.step('a', () => { ran.push('a'); return n; }), ctx.step('b', () => { ran.push('b'); return n; })]);
    await ctx.state.set('sum', a + b);
    await ctx.sleep('nap', '1h');
    await ctx.emit('done', {});
    return Response.json({ total: a + b, job: ctx.run.jobId, org: ctx.run.orgId });
  });
});

test('failures answer 500, fatal ones 422, with the error and Retry-After', async () => {
  for (const [thrown, status, retryAfter] of [
    [new Error('x'), 500, null], [new FatalError('x'), 422, null], [new RetryableError('x', { retryAfterMs: 1_200 }), 500, '2'],
  ] as const) {
    await withCallback(async (suite, call) => {
      const response = await call(suite.submit());
      assert.equal(response.status, status);
      assert.equal(response.headers.get('reactor-outcome'), 'failed');
      assert.equal(response.headers.get('retry-after'), retryAfter);
      const { error } = await response.json() as { error: { message: string; step: string } };
      assert.deepEqual([error.message, error.step], ['x', 'a']);
    }, async (_request: Request, ctx: JobContext) => { await ctx.step('a', () => { throw thrown; }); });
  }
});

test('a store that is away is asked again', async () => {
  await withCallback(async (suite, call) => {
    let refusals = 0;
    suite.decide = () => (++refusals === 1 ? { code: 'unavailable' } : undefined);
    assert.deepEqual(await (await call(suite.submit())).json(), 1);
    assert.equal(suite.messages.length, 2);
  }, async (_request: Request, ctx: JobContext) => ctx.step('a', () => 1));
});

test('a superseded attempt stops', async () => {
  const aborted = gate();
  await withCallback(async (suite, call) => {
    suite.decide = () => ({ code: 'superseded' });
    const response = await call(suite.submit());
    assert.equal(response.status, 500);
    assert.equal((await response.json() as { error: { code: string } }).error.code, 'superseded');
    await aborted.promise;
  }, async (_request: Request, ctx: JobContext) => {
    ctx.signal.addEventListener('abort', () => aborted.open());
    await ctx.step('a', () => 1);
  });
});

test('an attempt whose caller hangs up stops', async () => {
  const started = gate();
  const aborted = gate();
  const caller = new AbortController();
  await withCallback(async (suite, call) => {
    const answered = call(suite.submit(), caller.signal);
    await started.promise;
    caller.abort();
    await aborted.promise;
    assert.equal((await answered).status, 500);
  }, async (_request: Request, ctx: JobContext) => {
    ctx.signal.addEventListener('abort', () => aborted.open());
    started.open();
    await ctx.step('hang', () => new Promise<void>(() => {}));
  });
});

test('a request that is not from the suite is refused with a clear JSON error', async () => {
  const endpoint = createHttpHandler(() => null, { suiteUrl: 'http://suite.example:8000/' });
  const headers = { 'Reactor-Run': 'run_1', 'Reactor-Epoch': '1', 'Reactor-Callback': 'http://elsewhere.example/', 'Reactor-Callback-Token': 't' };
  const errorOf = async (init: RequestInit): Promise<[number, string]> => {
    const response = await endpoint(new Request('http://app.example/', init));
    return [response.status, (await response.json() as { error: { message: string } }).error.message];
  };
  assert.deepEqual(await errorOf({ method: 'GET' }), [405, 'a run is sent by POST, not GET']);
  assert.deepEqual(await errorOf({ method: 'POST' }), [
    400, 'this is a job handler, called by the suite only; missing: Reactor-Run, Reactor-Epoch, Reactor-Callback, Reactor-Callback-Token']);
  assert.deepEqual(await errorOf({ method: 'POST', headers: { ...headers, 'Reactor-Epoch': 'x' } }), [400, 'Reactor-Epoch must be a whole number']);
  assert.deepEqual(await errorOf({ method: 'POST', headers: { ...headers, 'Reactor-Callback': 'file:///x' } }),
    [400, 'Reactor-Callback must be an http or https URL']);
  assert.deepEqual(await errorOf({ method: 'POST', headers }), [403, 'the callback must be at http://suite.example:8000, not at http://elsewhere.example']);
  assert.throws(() => createHttpHandler({} as never), /must be a function/);
});

test('a callback that refuses its token fails the attempt', async () => {
  const suite = await FakeSuite.start();
  const run = suite.submit();
  const request = requestFor(suite, run);
  request.headers.set('Reactor-Callback-Token', 'wrong');
  const response = await createHttpHandler(() => null)(request);
  assert.equal(response.status, 500);
  const { error } = await response.json() as { error: { code: string; message: string } };
  assert.equal(error.code, 'callback_failed');
  assert.match(error.message, /answered 401/);
  await suite.stop();
});
