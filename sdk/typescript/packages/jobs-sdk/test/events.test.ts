import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobContext } from '@reactor/jobs-sdk';
import { withWorker } from './fake-suite.js';

test('emits outside steps are numbered in call order and not repeated by a replay; inside, they belong to the step', async () => {
  let attempts = 0;
  await withWorker(async (_request: Request, ctx: JobContext) => {
    attempts++;
    await ctx.emit('a', { n: 1 });
    await Promise.all([ctx.emit('b', 'two'), ctx.emit('c')]);
    await ctx.step('s', async () => { await ctx.emit('d', 4); await ctx.emit('e', 5); });
    if (attempts === 1) throw new Error('again');
    await ctx.emit('f', 6);
  }, async (suite) => {
    const run = suite.submit();
    await run.next();
    await run.next();
    assert.deepEqual(run.events, [
      { key: 'emit:0', topic: 'a', payload: { n: 1 } },
      { key: 'emit:1', topic: 'b', payload: 'two' },
      { key: 'emit:2', topic: 'c', payload: null },
      { key: 'step:s', topic: 'd', payload: 4 },
      { key: 'step:s', topic: 'e', payload: 5 },
      { key: 'emit:3', topic: 'f', payload: 6 },
    ]);
  });
});

test('an emit that nobody awaits is still committed before the run ends', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => { void ctx.emit('a', 1); }, async (suite) => {
    const run = suite.submit();
    suite.decide = (frame) => (frame.t === 'checkpoint' ? 'hold' : undefined);
    run.dispatch();
    await suite.until(() => suite.frames.some((frame) => frame.t === 'checkpoint'));
    assert.deepEqual(run.ends, []);
    suite.release();
    assert.equal((await run.end()).outcome, 'completed');
    assert.equal(run.events.length, 1);
  });
});

test('an emit that nobody awaits and the store refuses fails the attempt', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => { void ctx.emit('a', 1); }, async (suite) => {
    suite.decide = (frame) => (frame.t === 'checkpoint' ? { code: 'too_large', message: 'over 1 MiB' } : undefined);
    const end = await suite.submit().next();
    assert.equal(end.outcome, 'failed');
    assert.equal(end.fatal, true);
    assert.equal(end.error.message, 'emit:0: over 1 MiB');
  });
});

test('a bad topic or payload is a clear fatal error', async () => {
  const messages: string[] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await ctx.emit('', 1).catch((error: Error) => messages.push(error.message));
    await ctx.emit('t', { x: NaN }).catch((error: Error) => messages.push(error.message));
  }, async (suite) => {
    await suite.submit().next();
    assert.deepEqual(messages, [
      "an event's topic must be a text that is not empty, got ''", "the payload of event 't' cannot be sent as JSON: x is NaN",
    ]);
  });
});

test('an emit that differs from the journal is found', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => { await ctx.emit('mine', 1); }, async (suite) => {
    const run = suite.submit();
    run.entries.push({ key: 'emit:0', output: 'yours' });
    const end = await run.next();
    assert.equal(end.error.code, 'replay_differs');
  });
});
