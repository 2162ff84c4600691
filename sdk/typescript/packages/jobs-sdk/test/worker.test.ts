import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttemptAbortedError, createWorker, WorkerConnectionError, type JobContext, type WorkerEvent } from '@reactor/jobs-sdk';
import { FakeSuite, gate, withWorker } from './fake-suite.js';

const idle = { job: () => null };

test('connecting: token, org and hello as the protocol wants them', async () => {
  await withWorker(() => null, async (suite) => {
    const { headers, url } = suite.upgrades[0]!;
    assert.equal(url, '/jobs/v1/_worker');
    assert.equal(headers.authorization, 'Bearer service-token');
    assert.equal(headers['x-reactor-org'], 'acme');
    assert.deepEqual(suite.frames[0], { t: 'hello', protocol: 1, sdk: '@reactor/jobs-sdk/0.1.0', name: 'box:1', handlers: ['job'], slots: 7 });
  }, { org: 'acme', name: 'box:1', concurrency: 7 });
});

test('a refused token rejects start at once', async () => {
  const suite = await FakeSuite.start();
  for (const [status, code] of [[401, 'unauthorized'], [403, 'forbidden']] as const) {
    suite.refuseUpgrade = { status, body: { detail: 'not you' } };
    const worker = createWorker({ url: suite.url, token: 'wrong', handlers: idle });
    await assert.rejects(worker.start(), (error: WorkerConnectionError) =>
      error.status === status && error.code === code && error.message === `the suite refused the worker with ${status}: not you`);
    await worker.stop();
  }
  assert.equal(suite.upgrades.length, 2);
  await suite.stop();
});

test('a protocol version that the suite does not speak rejects start at once', async () => {
  const suite = await FakeSuite.start();
  suite.refuseHello = { code: 'protocol_unsupported', message: 'the server speaks 2, the worker 1: upgrade the SDK' };
  const events: WorkerEvent[] = [];
  const worker = createWorker({ url: suite.url, token: suite.token, handlers: idle, onEvent: (event) => events.push(event) });
  await assert.rejects(worker.start(), { name: 'WorkerConnectionError', code: 'protocol_unsupported', message: /upgrade the SDK/ });
  assert.deepEqual(events.map((event) => event.type), ['server_error']);
  await worker.stop();
  await suite.stop();
});

test('start keeps trying while the suite is away, and stop ends that', async () => {
  const port = await FakeSuite.start().then(async (gone) => { const { port: free } = gone; await gone.stop(); return free; });
  const failed = gate();
  const worker = createWorker({
    url: `http://127.0.0.1:${port}`, token: 'service-token', handlers: idle,
    onEvent: (event) => { if (event.type === 'connect_failed') failed.open(); },
  });
  const started = worker.start();
  await failed.promise;
  const suite = await FakeSuite.start(port);
  await started;
  assert.equal(worker.start(), worker.start());
  await worker.stop();
  await assert.rejects(worker.start(), /was stopped/);
  await suite.stop();

  const never = createWorker({ url: `http://127.0.0.1:${port}`, token: 't', handlers: idle });
  const waiting = assert.rejects(never.start(), /stopped before it was in service/);
  await never.stop();
  await waiting;
});

test('a reset after refused upgrades ends no process', async () => {
  const suite = await FakeSuite.start();
  suite.refuseUpgrade = { status: 503, body: { detail: 'not yet' }, keep: true };
  const again = gate();
  let connected = 0;
  const worker = createWorker({
    url: suite.url, token: suite.token, handlers: idle, onEvent: (event) => { if (event.type === 'connected' && ++connected === 2) again.open(); },
  });
  const started = worker.start();
  await suite.until(() => suite.upgrades.length === 2);
  suite.refuseUpgrade = undefined;
  await started;
  suite.reset();
  await again.promise;
  await worker.stop();
  await suite.stop();
});

test('a lost connection aborts what runs, and the worker comes back by itself', async () => {
  const aborted = gate<unknown>();
  const hanging = gate();
  const events: WorkerEvent[] = [];
  let attempts = 0;
  await withWorker(async (_request: Request, ctx: JobContext) => {
    if (++attempts > 1) return 'second time';
    ctx.signal.addEventListener('abort', () => aborted.open(ctx.signal.reason));
    return ctx.step('hang', () => { hanging.open(); return new Promise<string>(() => {}); });
  }, async (suite) => {
    const run = suite.submit();
    run.dispatch();
    await hanging.promise;
    suite.sockets[0]!.terminate();
    const reason = await aborted.promise;
    assert.ok(reason instanceof AttemptAbortedError);
    assert.equal(reason.reason, 'lost');
    assert.equal(reason.name, 'AbortError');
    await suite.until(() => suite.frames.filter((frame) => frame.t === 'hello').length === 2);
    assert.equal((await run.next()).result, 'second time');
    assert.deepEqual(events.map((event) => event.type), ['connected', 'disconnected', 'connected']);
  }, { onEvent: (event) => events.push(event) });
});

for (const reason of ['cancelled', 'timeout', 'superseded'] as const) {
  test(`an abort (${reason}) reaches the signal, and nothing more is sent or settled`, async () => {
    const aborted = gate<unknown>();
    const started = gate();
    let settled = false;
    await withWorker(async (_request: Request, ctx: JobContext) => {
      const { signal } = ctx;
      const step = ctx.step('work', () => new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => { aborted.open(signal.reason); reject(signal.reason); });
        started.open();
      }));
      await step.finally(() => { settled = true; });
    }, async (suite) => {
      const run = suite.submit();
      run.dispatch();
      await started.promise;
      suite.send({ t: 'abort', run: run.id, epoch: 99, reason }, { t: 'abort', run: run.id, epoch: 1, reason });
      assert.equal((await aborted.promise as AttemptAbortedError).reason, reason);
      const other = suite.submit({ other: true });
      suite.send({ t: 'abort', run: other.id, epoch: 1, reason }); // not running: nothing happens
      suite.send({ t: 'ping' });
      await suite.until(() => suite.frames.some((frame) => frame.t === 'pong'));
      assert.deepEqual(suite.frames.map((frame) => frame.t), ['hello', 'pong']);
      assert.equal(settled, false);
    });
  });
}

test('refused as superseded: the attempt is aborted and silent', async () => {
  const aborted = gate<unknown>();
  await withWorker(async (_request: Request, ctx: JobContext) => {
    ctx.signal.addEventListener('abort', () => aborted.open(ctx.signal.reason));
    await ctx.step('a', () => 1);
    await ctx.step('b', () => 2);
  }, async (suite, worker) => {
    suite.decide = () => ({ code: 'superseded' });
    suite.submit().dispatch();
    assert.equal((await aborted.promise as AttemptAbortedError).reason, 'superseded');
    await worker.stop();
    assert.deepEqual(suite.frames.map((frame) => frame.t), ['hello', 'checkpoint', 'drain']);
  });
});

test('refused as too_large: the step fails with that, fatally, and may be caught', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await ctx.step('big', () => 'x').catch(() => {});
    await ctx.step('bigger', () => 'x');
  }, async (suite) => {
    suite.decide = (frame) => (frame.t === 'checkpoint' ? { code: 'too_large', message: 'the output is over 1048576 bytes' } : undefined);
    const end = await suite.submit().next();
    assert.equal(end.fatal, true);
    assert.equal(end.error.code, 'too_large');
    assert.equal(end.error.step, 'bigger');
    assert.match(end.error.message, /step:bigger: the output is over 1048576 bytes/);
  });
});

for (const [code, fatal] of [['invalid', true], ['duplicate', false]] as const) {
  test(`refused as ${code}: the attempt fails, whatever the handler would do`, async () => {
    await withWorker(async (_request: Request, ctx: JobContext) => {
      await ctx.step('a', () => 1).catch(() => {});
      return 'went on';
    }, async (suite) => {
      suite.decide = (frame) => (frame.t === 'checkpoint' ? { code, message: 'because' } : undefined);
      const end = await suite.submit().next();
      assert.equal(end.outcome, 'failed');
      assert.equal(end.fatal, fatal);
      assert.equal(end.error.code, code);
      assert.equal(end.error.step, 'a');
    });
  });
}

test('refused as unavailable: the frame is sent again, the same, until it is taken', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('a', () => 1), async (suite) => {
    let refusals = 0;
    suite.decide = () => (++refusals % 2 === 1 ? { code: 'unavailable' } : undefined);
    const run = suite.submit();
    assert.equal((await run.next()).result, 1);
    const sent = suite.frames.slice(1);
    assert.deepEqual(sent.map((frame) => frame.t), ['checkpoint', 'checkpoint', 'finish', 'finish']);
    assert.deepEqual(sent[0], sent[1]);
    assert.deepEqual(sent[2], sent[3]);
  });
});

test('a result that is refused ends the run as failed for that', async () => {
  await withWorker(() => 'large', async (suite) => {
    suite.decide = (frame) => (frame.outcome === 'completed' ? { code: 'too_large', message: 'the result is over 1 MiB' } : undefined);
    const end = await suite.submit().next();
    assert.deepEqual([end.outcome, end.fatal, end.error.code, end.error.message], ['failed', true, 'too_large', 'the result is over 1 MiB']);
  });
});

test('an output over what a message may hold is not sent at all', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('huge', () => 'x'.repeat(17 * 1024 * 1024)), async (suite) => {
    const end = await suite.submit().next();
    assert.equal(end.error.code, 'too_large');
    assert.equal(end.fatal, true);
  });
});

test('a run sent twice runs once; a newer epoch takes over', async () => {
  const hold = gate();
  let attempts = 0;
  await withWorker(async () => { attempts++; if (attempts === 1) await hold.promise; return attempts; }, async (suite) => {
    const run = suite.submit();
    run.dispatch();
    suite.send(run.frame());
    assert.equal((await run.next()).result, 2);
    hold.open();
    suite.send({ t: 'ping' });
    await suite.until(() => suite.frames.some((frame) => frame.t === 'pong'));
    assert.equal(attempts, 2);
    assert.equal(run.ends.length, 1);
  });
});

test('a handler that this worker does not have fails the attempt', async () => {
  await withWorker(() => null, async (suite) => {
    const end = await suite.submit({}, 'other').next();
    assert.deepEqual([end.fatal, end.error.code], [false, 'handler_not_found']);
  });
});

test('many runs at once are answered in few messages', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('a', () => 1), async (suite) => {
    const runs = Array.from({ length: 200 }, () => suite.submit());
    for (const run of runs) run.epoch = 1;
    suite.send(...runs.map((run) => run.frame()));
    await Promise.all(runs.map((run) => run.end()));
    assert.ok(suite.messages.length < 20, `${suite.messages.length} messages for 400 frames`);
  }, { concurrency: 200 });
});

test('pings when it has sent nothing, and closes when nothing comes', async () => {
  const suite = await FakeSuite.start();
  suite.heartbeatMs = 40;
  const disconnected = gate<WorkerEvent>();
  const worker = createWorker({
    url: suite.url, token: suite.token, handlers: idle, onEvent: (event) => { if (event.type === 'disconnected') disconnected.open(event); },
  });
  await worker.start();
  await suite.until(() => suite.frames.filter((frame) => frame.t === 'ping').length >= 3);
  suite.silent = true;
  const event = await disconnected.promise;
  assert.match((event as { reason: string }).reason, /nothing received for 120 ms/);
  await worker.stop();
  await suite.stop();
});

test('what is not a frame is answered with an error frame', async () => {
  await withWorker(() => null, async (suite) => {
    suite.sockets[0]!.send('{');
    suite.sockets[0]!.send('{"t":"ping"}');
    suite.send({ t: 'dance' });
    await suite.until(() => suite.frames.filter((frame) => frame.t === 'error').length === 3);
    assert.deepEqual(suite.frames.slice(1).map(({ t, code }) => [t, code]), Array(3).fill(['error', 'invalid_frame']));
    assert.equal((await suite.submit().next()).outcome, 'completed');
  });
});

test('stop drains and waits for what runs', async () => {
  const hold = gate();
  await withWorker(async () => { await hold.promise; return 'finished'; }, async (suite, worker) => {
    const run = suite.submit();
    run.dispatch();
    suite.send({ t: 'ping' });
    await suite.until(() => suite.frames.some((frame) => frame.t === 'pong'));
    const stopped = worker.stop();
    await suite.until(() => suite.frames.some((frame) => frame.t === 'drain'));
    const late = suite.submit();
    late.dispatch(); // was on its way
    assert.equal((await late.end()).t, 'release');
    hold.open();
    await stopped;
    assert.equal((await run.end()).result, 'finished');
    await suite.until(() => suite.sockets[0]!.readyState === 3);
  });
});

test('stop hands back what is still running at its limit', async () => {
  const aborted = gate<unknown>();
  await withWorker(async (_request: Request, ctx: JobContext) => {
    ctx.signal.addEventListener('abort', () => aborted.open(ctx.signal.reason));
    await ctx.step('hang', () => new Promise<void>(() => {}));
  }, async (suite, worker) => {
    const run = suite.submit();
    run.dispatch();
    suite.send({ t: 'ping' });
    await suite.until(() => suite.frames.some((frame) => frame.t === 'pong'));
    await worker.stop({ timeoutMs: 0 });
    assert.equal((await run.end()).t, 'release');
    assert.equal((await aborted.promise as AttemptAbortedError).reason, 'released');
  });
});
