import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobContext } from '@reactor/jobs-sdk';
import { gate, withWorker } from './fake-suite.js';

test('state outside steps: each call is an entry, numbered by kind, and reads replay', async () => {
  const seen: unknown[][] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    const before = await ctx.state.get('n');
    await ctx.state.set('n', 1);
    await ctx.state.set('gone', { a: 1 });
    await ctx.state.delete('gone');
    seen.push([before, await ctx.state.get<number>('n'), await ctx.state.get('gone')]);
    if (seen.length === 1) throw new Error('again');
  }, async (suite) => {
    const run = suite.submit();
    await run.next();
    assert.deepEqual(run.entries, [
      { key: 'read:0', output: { key: 'n', value: null } },
      { key: 'state:0', state: { n: 1 } },
      { key: 'state:1', state: { gone: { a: 1 } } },
      { key: 'state:2', state: { gone: null } },
      { key: 'read:1', output: { key: 'n', value: 1 } },
      { key: 'read:2', output: { key: 'gone', value: null } },
    ]);
    const sent = suite.frames.length;
    await run.next();
    assert.deepEqual(seen, [[undefined, 1, undefined], [undefined, 1, undefined]]);
    assert.deepEqual(suite.frames.slice(sent).map((frame) => frame.t), ['finish']);
  });
});

test('a handler that does not await its write still reads it', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => {
    void ctx.state.set('n', 5);
    return ctx.state.get('n');
  }, async (suite) => {
    assert.equal((await suite.submit().next()).result, 5);
  });
});

test('state inside a step commits with it: the step sees its own writes, others only what is committed', async () => {
  const written = gate();
  const looked = gate();
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await ctx.state.set('shared', 'old');
    const [writer, reader] = await Promise.all([
      ctx.step('writer', async () => {
        await ctx.state.set('shared', 'new');
        await ctx.state.delete('other');
        written.open();
        await looked.promise;
        return [await ctx.state.get('shared'), (await ctx.state.get('other')) ?? 'none'];
      }),
      ctx.step('reader', async () => {
        await written.promise;
        const value = await ctx.state.get('shared');
        looked.open();
        return value;
      }),
    ]);
    return { writer, reader, after: await ctx.step('after', () => ctx.state.get('shared')) };
  }, async (suite) => {
    const run = suite.submit();
    assert.deepEqual((await run.next()).result, { writer: ['new', 'none'], reader: 'old', after: 'new' });
    assert.deepEqual(run.entry('step:writer')!.state, { shared: 'new', other: null });
    assert.equal(run.keys.filter((key) => key.startsWith('read:')).length, 0);
  });
});

test('a failing step leaves no state and no events', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await ctx.step('fails', async () => {
      await ctx.state.set('x', 1);
      await ctx.emit('x', 1);
      throw new Error('no');
    }).catch(() => {});
    return [await ctx.step('look', async () => (await ctx.state.get('x')) ?? 'nothing')];
  }, async (suite) => {
    const run = suite.submit();
    assert.deepEqual((await run.next()).result, ['nothing']);
    assert.deepEqual(run.events, []);
    assert.deepEqual(run.keys, ['step:look']);
  });
});

test('state is kept over attempts, in the order of the commits', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('look', () => ctx.state.get('k')), async (suite) => {
    const run = suite.submit();
    run.entries.push({ key: 'step:a', output: null, state: { k: 1 } }, { key: 'state:0', state: { k: { deep: [2] } } }, { key: 'step:b', output: null, state: { z: 0 } });
    assert.deepEqual((await run.next()).result, { deep: [2] });
  });
});

test('changing what get gave does not change the state; odd keys are fine', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('a', async () => {
    await ctx.state.set('__proto__', { n: 1 });
    const value = await ctx.state.get<{ n: number }>('__proto__');
    value!.n = 2;
    return ctx.state.get('__proto__');
  }), async (suite) => {
    assert.deepEqual((await suite.submit().next()).result, { n: 1 });
  });
});

test('bad state calls are clear errors', async () => {
  const messages: string[] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await ctx.state.set('', 1).catch((error: Error) => messages.push(error.message));
    await ctx.state.set('k', { a: [1n] }).catch((error: Error) => messages.push(error.message));
  }, async (suite) => {
    await suite.submit().next();
    assert.deepEqual(messages, [
      "a state key must be a text that is not empty, got ''",
      "state 'k' cannot be stored as JSON: a[0] is a BigInt; send it as a string",
    ]);
  });
});

test('a write that differs from the journal is found', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => { await ctx.state.set('mine', 1); }, async (suite) => {
    const run = suite.submit();
    run.entries.push({ key: 'state:0', state: { yours: 1 } });
    const end = await run.next();
    assert.equal(end.error.code, 'replay_differs');
    assert.match(end.error.message, /the journal has a write of 'yours' where this attempt writes 'mine'/);
  });
});

test('code of a step that goes on after the step is told', async () => {
  const told = gate<unknown>();
  const ended = gate();
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await ctx.step('leaky', () => { void ended.promise.then(() => ctx.emit('late', 1)).catch(told.open); });
    ended.open();
    await ctx.step('next', () => told.promise.then(String));
  }, async (suite) => {
    const run = suite.submit();
    await run.next();
    assert.match(String(await told.promise), /code of step 'leaky' used the context after the step had ended/);
    assert.deepEqual(run.events, []);
  });
});

test('a read that differs from the journal is found', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => { await ctx.state.get('mine'); }, async (suite) => {
    const run = suite.submit();
    run.entries.push({ key: 'read:0', output: { key: 'yours', value: 1 } });
    const end = await run.next();
    assert.equal(end.error.code, 'replay_differs');
  });
});
