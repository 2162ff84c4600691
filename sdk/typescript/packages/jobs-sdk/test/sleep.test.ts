import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobContext } from '@reactor/jobs-sdk';
import { gate, withWorker } from './fake-suite.js';

test('a sleep is stored, suspends the attempt, and is over at the wake', async () => {
  const ran: string[] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await ctx.step('welcome', () => { ran.push('welcome'); });
    await ctx.sleep('cooling-off', '24h');
    await ctx.step('follow-up', () => { ran.push('follow-up'); });
    return 'sent';
  }, async (suite) => {
    const run = suite.submit();
    const suspended = await run.next();
    assert.equal(suspended.t, 'suspend');
    assert.deepEqual(suspended.waits, ['sleep:cooling-off']);
    const frame = suite.frames.find((sent) => sent.key === 'sleep:cooling-off')!;
    assert.equal(frame.sleep_ms, 86_400_000);
    assert.ok(!('output' in frame));
    assert.deepEqual((await run.wake()).result, 'sent');
    assert.deepEqual(ran, ['welcome', 'follow-up']);
  });
});

test('a sleep that is not over is pending again, without another checkpoint', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => { await ctx.sleep('a', 1_000); }, async (suite) => {
    const run = suite.submit();
    await run.next();
    const sent = suite.frames.length;
    assert.deepEqual((await run.next()).waits, ['sleep:a']);
    assert.deepEqual(suite.frames.slice(sent).map((frame) => frame.t), ['suspend']);
  });
});

test('sleeps in parallel are suspended together', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await Promise.all([ctx.sleep('a', '1h'), ctx.sleep('b', 'PT2H'), ctx.sleep('c', 5)]);
    return 'up';
  }, async (suite) => {
    const run = suite.submit();
    assert.deepEqual((await run.next()).waits, ['sleep:a', 'sleep:b', 'sleep:c']);
    assert.equal((await run.wake()).result, 'up');
  });
});

test('no suspension while a step runs or its checkpoint is on its way', async () => {
  const work = gate();
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await Promise.all([ctx.sleep('nap', '1h'), ctx.step('work', () => work.promise)]);
  }, async (suite) => {
    suite.decide = (frame) => (frame.key === 'step:work' ? 'hold' : undefined);
    const run = suite.submit();
    run.dispatch();
    await suite.until(() => run.keys.includes('sleep:nap'));
    work.open();
    await suite.until(() => suite.frames.some((frame) => frame.key === 'step:work'));
    assert.deepEqual(run.ends, []);
    suite.release();
    assert.deepEqual((await run.end()).waits, ['sleep:nap']);
    assert.deepEqual(run.keys, ['sleep:nap', 'step:work']);
    assert.equal((await run.wake()).outcome, 'completed');
  });
});

test('a race of a step and a sleep: the step is waited for and wins, and what follows outside of steps is not cut off', async () => {
  await withWorker(async (request: Request, ctx: JobContext) => {
    const winner = await Promise.race([ctx.step('call', async () => 'answer'), ctx.sleep('limit', '1h').then(() => 'too late')]);
    const payload = await request.json() as { url: string };
    const status = (await fetch(payload.url)).status; // a turn of the network, beside the sleep that was left behind
    return { winner, status };
  }, async (suite) => {
    const run = suite.submit({ url: suite.url });
    assert.deepEqual((await run.next()).result, { winner: 'answer', status: 401 });
    const replay = await run.next();
    assert.deepEqual(replay.result, { winner: 'answer', status: 401 });
  });
});

test('a race that the step lost to the clock: the woken attempt takes the sleep', async () => {
  let tries = 0;
  await withWorker(async (_request: Request, ctx: JobContext) => {
    const call = ctx.step('call', () => { tries++; throw new Error('down'); }).catch(() => new Promise<string>(() => {}));
    return Promise.race([call, ctx.sleep('limit', '1h').then(() => 'too late')]);
  }, async (suite) => {
    const run = suite.submit();
    assert.deepEqual((await run.next()).waits, ['sleep:limit']);
    assert.equal((await run.wake()).result, 'too late');
    assert.ok(tries >= 1);
  });
});

test('after its suspension an attempt is inert: nothing settles, nothing is sent', async () => {
  const later = gate();
  const reached: string[] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    void later.promise.then(async () => {
      reached.push('outside');
      await ctx.step('late', () => { reached.push('in step'); });
      reached.push('after');
    });
    await ctx.sleep('a', '1h');
  }, async (suite) => {
    const run = suite.submit();
    await run.next();
    later.open();
    await withFlushedTurns();
    assert.deepEqual(reached, ['outside']);
    assert.deepEqual(run.keys, ['sleep:a']);
  });
});

test('a bad duration is a clear fatal error, and a sleep inside a step too', async () => {
  for (const [body, code, message] of [
    [(ctx: JobContext) => ctx.sleep('a', 'tomorrow'), 'duration_invalid', /'tomorrow' is not a duration: use 500ms, 30s/],
    [(ctx: JobContext) => ctx.step('s', () => ctx.sleep('a', '1s')), 'sleep_nested', /called inside step 's'/],
  ] as const) {
    await withWorker(async (_request: Request, ctx: JobContext) => body(ctx), async (suite) => {
      const end = await suite.submit().next();
      assert.equal(end.fatal, true);
      assert.equal(end.error.code, code);
      assert.match(end.error.message, message);
    });
  }
});

test('a sleep that cannot be stored fails, and does not suspend', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.sleep('a', '1h').catch((error: Error) => error.message), async (suite) => {
    suite.decide = (frame) => (frame.t === 'checkpoint' ? { code: 'too_large', message: 'the journal is full' } : undefined);
    assert.equal((await suite.submit().next()).result, 'sleep:a: the journal is full');
  });
});

// Turns of the event loop, not time: whatever was ready has run after them.
async function withFlushedTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => { setImmediate(resolve); });
}
