import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobContext } from '@reactor/jobs-sdk';
import { gate, withWorker } from './fake-suite.js';

test('a step is stored before the next one starts, and a replay gives its output without running it', async () => {
  const ran: string[] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    const order = await ctx.step('validate', () => { ran.push('validate'); return { id: 'ord_1', total: 3 }; });
    assert.ok(suiteKeys().includes('step:validate'));
    await ctx.step('charge', () => { ran.push('charge'); if (ran.length === 2) throw new Error('card declined'); });
    return { order };
  }, async (suite) => {
    const run = suite.submit();
    suiteKeys = () => run.keys;
    const failed = await run.next();
    assert.equal(failed.outcome, 'failed');
    assert.deepEqual(run.keys, ['step:validate']);
    const done = await run.next();
    assert.equal(done.outcome, 'completed');
    assert.deepEqual(done.result, { order: { id: 'ord_1', total: 3 } });
    assert.deepEqual(ran, ['validate', 'charge', 'charge']);
  });
});
let suiteKeys = (): string[] => [];

test('a checkpoint carries output, start and duration', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => { await ctx.step('a', () => 7); }, async (suite) => {
    const run = suite.submit();
    await run.next();
    const frame = suite.frames.find((sent) => sent.t === 'checkpoint')!;
    assert.equal(frame.key, 'step:a');
    assert.equal(frame.output, 7);
    assert.equal(frame.run, run.id);
    assert.equal(frame.epoch, 1);
    assert.match(frame.started_at, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.ok(frame.duration_ms >= 0);
    assert.ok(!('state' in frame) && !('events' in frame) && !('sleep_ms' in frame));
  });
});

test('steps in parallel run at once, commit as they end, and their checkpoints share a message', async () => {
  const both = gate();
  let started = 0;
  await withWorker(async (_request: Request, ctx: JobContext) => {
    const work = (value: string) => async () => { if (++started === 2) both.open(); await both.promise; return value; };
    return Promise.all([ctx.step('a', work('A')), ctx.step('b', work('B'))]);
  }, async (suite) => {
    const run = suite.submit();
    const done = await run.next();
    assert.deepEqual(done.result, ['A', 'B']);
    assert.deepEqual([...run.keys].sort(), ['step:a', 'step:b']);
    assert.ok(suite.messages.some((message) => message.filter((frame) => frame.t === 'checkpoint').length === 2));
  });
});

test('what a step returns goes through JSON on its first run too', async () => {
  const seen: unknown[] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    const nothing: null = await ctx.step('nothing', () => undefined);
    const value = await ctx.step('value', () => ({ at: new Date(0), gone: undefined, list: [undefined, -0], own: 1, method: undefined as undefined | (() => void) }));
    const at: string = value.at;
    seen.push([nothing, value, at]);
    if (seen.length === 1) throw new Error('again');
  }, async (suite) => {
    const run = suite.submit();
    await run.next();
    await run.next();
    assert.deepEqual(seen[0], [null, { at: '1970-01-01T00:00:00.000Z', list: [null, 0], own: 1 }, '1970-01-01T00:00:00.000Z']);
    assert.deepEqual(seen[1], seen[0]);
  });
});

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
for (const [what, value, message] of [
  ['a BigInt', { totals: [1, 2n] }, /output of step 'bad' .* totals\[1\] is a BigInt/],
  ['a cycle', cyclic, /self\.self.* is part of a cycle/],
  ['a function', { a: { b: () => 1 } }, /a\.b is a function/],
  ['a symbol', [Symbol('x')], /\[0\] is a symbol/],
  ['NaN', NaN, /it is NaN/],
  ['Infinity', { rate: Infinity }, /rate is Infinity/],
  ['a Map', { m: new Map() }, /m is a Map/],
  ['a Promise', { p: Promise.resolve(1) }, /p is a Promise/],
] as const) {
  test(`an output with ${what} fails the run fatally, naming step and place`, async () => {
    await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('bad', () => value as unknown), async (suite) => {
      const run = suite.submit();
      const end = await run.next();
      assert.equal(end.outcome, 'failed');
      assert.equal(end.fatal, true);
      assert.equal(end.error.code, 'output_not_json');
      assert.equal(end.error.step, 'bad');
      assert.match(end.error.message, message);
      assert.deepEqual(run.keys, []);
    });
  });
}

for (const [what, body, code] of [
  ['step and step', async (ctx: JobContext) => { await ctx.step('a', () => 1); await ctx.step('a', () => 2); }, 'step_name_repeated'],
  ['step and sleep', async (ctx: JobContext) => { await ctx.step('a', () => 1); await ctx.sleep('a', '1h'); }, 'sleep_name_repeated'],
  ['parallel steps', async (ctx: JobContext) => { await Promise.all([ctx.step('a', () => 1), ctx.step('a', () => 2)]); }, 'step_name_repeated'],
] as const) {
  test(`a name repeated by ${what} is a fatal error that says to add the index`, async () => {
    await withWorker(async (_request: Request, ctx: JobContext) => body(ctx), async (suite) => {
      const end = await suite.submit().next();
      assert.equal(end.fatal, true);
      assert.equal(end.error.code, code);
      assert.match(end.error.message, /'a' is already taken by a step.*In a loop, add the index: `a-\$\{i\}`/);
    });
  });
}

test('a name that the journal has for a sleep cannot become a step', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('a', () => 1), async (suite) => {
    const run = suite.submit();
    run.entries.push({ key: 'sleep:a', due_at: new Date(0).toISOString(), done: true });
    assert.match((await run.next()).error.message, /already taken by a sleep/);
  });
});

test('a step inside a step is a clear error', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('outer', () => ctx.step('inner', () => 1)), async (suite) => {
    const end = await suite.submit().next();
    assert.equal(end.error.code, 'step_nested');
    assert.match(end.error.message, /'inner' was started inside step 'outer'/);
    assert.equal(end.error.step, 'outer');
  });
});

test('bad arguments of a step are named', async () => {
  const bad = [
    (ctx: JobContext) => ctx.step('', () => 1),
    (ctx: JobContext) => ctx.step(undefined as never, () => 1),
    (ctx: JobContext) => ctx.step('a', 'text' as never),
    (ctx: JobContext) => ctx.step('b', () => 1, { retry: { maxAttempts: 0 } }),
  ];
  const messages: string[] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    for (const call of bad) await call(ctx).catch((error: Error) => messages.push(error.message));
  }, async (suite) => {
    await suite.submit().next();
    assert.deepEqual(messages, [
      "a step's name must be a text that is not empty, got ''",
      "a step's name must be a text that is not empty, got undefined",
      "step 'a': the second argument must be a function",
      "step 'b': retry.maxAttempts must be a whole number of at least 1",
    ]);
  });
});

test('a step started after the handler has returned is a clear error, and is not run', async () => {
  const returned = gate();
  const late = gate<unknown>();
  await withWorker(async (_request: Request, ctx: JobContext) => {
    void returned.promise.then(() => ctx.step('late', () => 1)).catch(late.open);
    return 'done';
  }, async (suite) => {
    const run = suite.submit();
    assert.equal((await run.next()).result, 'done');
    returned.open();
    assert.match(String(await late.promise), /step 'late' was called after the handler had returned/);
    assert.deepEqual(run.keys, []);
  });
});

test('the same while the last entries are on their way', async () => {
  const returned = gate();
  const late = gate<unknown>();
  await withWorker(async (_request: Request, ctx: JobContext) => {
    void ctx.emit('on.its.way', {});
    void returned.promise.then(() => ctx.sleep('late', 1)).catch(late.open);
    return 'done';
  }, async (suite) => {
    suite.decide = (frame) => (frame.t === 'checkpoint' ? 'hold' : undefined);
    const run = suite.submit();
    run.dispatch();
    await suite.until(() => suite.frames.some((frame) => frame.t === 'checkpoint'));
    returned.open();
    assert.match(String(await late.promise), /sleep 'late' was called after the handler had returned/);
    suite.release();
    assert.equal((await run.end()).result, 'done');
    assert.deepEqual(run.keys, ['emit:0']);
  });
});

test('a step left running when the handler returns is given up, with a line in the log', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => {
    void ctx.step('slow', () => new Promise<void>(() => {}));
    await ctx.step('fast', () => 1);
    return 'fast won';
  }, async (suite) => {
    const run = suite.submit();
    assert.equal((await run.next()).result, 'fast won');
    assert.deepEqual(run.logs.map(({ level, step }) => [level, step]), [['warn', 'slow']]);
  });
});

test('a step with its own retry is tried again inside the attempt; what a failed try wrote and emitted is gone', async () => {
  let tries = 0;
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('flaky', async () => {
    tries++;
    await ctx.state.set(`try${tries}`, true);
    await ctx.emit('tried', tries);
    if (tries < 3) throw new Error('not yet');
    return tries;
  }, { retry: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1, backoff: 'linear' } }), async (suite) => {
    const run = suite.submit();
    assert.equal((await run.next()).result, 3);
    assert.deepEqual(run.entries, [{ key: 'step:flaky', output: 3, state: { try3: true } }]);
    assert.deepEqual(run.events, [{ key: 'step:flaky', topic: 'tried', payload: 3 }]);
    assert.equal(run.logs.length, 2);
  });
});

test('a step whose retries are used up fails with its last error', async () => {
  let tries = 0;
  await withWorker(
    async (_request: Request, ctx: JobContext) => ctx.step('x', () => { throw new Error(`try ${++tries}`); }, { retry: { maxAttempts: 2, initialDelayMs: 0 } }),
    async (suite) => {
      const end = await suite.submit().next();
      assert.equal(end.error.message, 'try 2');
      assert.equal(end.fatal, false);
    });
});
