import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpHandler, type JobContext } from '@reactor/jobs-sdk';
import { scheduledRunId } from '#sdk/scheduled-id';
import { withWorker, type FakeRun } from './fake-suite.js';

test('a scheduled run has the id that the suite makes too', () => {
  // The same as in tests/Executor/A_handler_schedules_runs.cs.
  assert.equal(scheduledRunId('run_01HZZZZZZZZZZZZZZZZZZZZZZZ', 'schedule:0', 0), 'run_01HZZZZZZZ1V4HC09795811X3W');
  assert.equal(scheduledRunId('run_01HZZZZZZZZZZZZZZZZZZZZZZZ', 'step:ü', 7), 'run_01HZZZZZZZVWJY9NHTF88VTQQD');
});

test('outside of steps schedules are entries of their own, which a replay does not repeat', async () => {
  const ids: string[][] = [];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    ids.push([await ctx.scheduler.runAfter(30_000, 'notifications:notifySubscribers', { postId: 1 }), await ctx.scheduler.runAt(1_700_000_000_000, 'billing:expireTrial')]);
    if (ids.length === 1) throw new Error('again');
  }, async (suite) => {
    const run = suite.submit();
    await run.next();
    await run.next();
    const expected = [0, 1].map((i) => scheduledRunId(run.id, `schedule:${i}`, 0));
    assert.deepEqual(ids, [expected, expected]);
    assert.deepEqual(run.schedules, [
      { key: 'schedule:0', index: 0, id: expected[0], job: 'notifications:notifySubscribers', args: { postId: 1 }, delay_ms: 30_000 },
      { key: 'schedule:1', index: 0, id: expected[1], job: 'billing:expireTrial', args: null, run_at: '2023-11-14T22:13:20.000Z' },
    ]);
    assert.deepEqual(run.entry('schedule:0')!.output, { id: expected[0], function_path: 'notifications:notifySubscribers' });
    assert.equal(suite.frames.filter((frame) => frame.t === 'ask').length, 2);
  });
});

test('inside a step they commit with it, by the job that the suite names; what a failed try scheduled is gone', async () => {
  let tries = 0;
  await withWorker(async (_request: Request, ctx: JobContext) => ctx.step('publish', async () => {
    const one = await ctx.scheduler.runAfter(0, 'mails:default', tries);
    if (++tries === 1) throw new Error('again');
    const two = await ctx.scheduler.runAfter(5, 'b', {});
    return [one, two];
  }, { retry: { maxAttempts: 2, initialDelayMs: 0 } }), async (suite) => {
    suite.reply = (frame) => ({ job: frame.of.replace(':default', '') });
    const run = suite.submit();
    const end = await run.next();
    assert.deepEqual(end.result, [0, 1].map((i) => scheduledRunId(run.id, 'step:publish', i)));
    assert.deepEqual(run.keys, ['step:publish']);
    assert.deepEqual(run.schedules.map(({ id, job, args }) => [id, job, args]), [[end.result[0], 'mails', 1], [end.result[1], 'b', {}]]);
  });
});

test('a schedule that nobody awaits is still committed before the run ends, and its refusal fails the attempt', async () => {
  await withWorker(async (_request: Request, ctx: JobContext) => { void ctx.scheduler.runAfter(0, 'a:b'); }, async (suite) => {
    const run = suite.submit();
    suite.decide = (frame) => (frame.t === 'ask' ? 'hold' : undefined);
    run.dispatch();
    await suite.until(() => suite.frames.some((frame) => frame.t === 'ask'));
    assert.deepEqual(run.ends, []);
    suite.release();
    assert.equal((await run.end()).outcome, 'completed');
    assert.equal(run.schedules.length, 1);

    suite.decide = (frame) => (frame.t === 'ask' ? { code: 'handler_not_found', message: 'There is no job and no function\'s export "a:b".' } : undefined);
    const end = await suite.submit().next();
    assert.deepEqual([end.outcome, end.error.code], ['failed', 'handler_not_found']);
  });
});

test('a wrong argument is named where it is given', async () => {
  const seen: [string, string][] = [];
  const noted = (call: Promise<unknown>): Promise<unknown> => call.catch((error: Error & { code: string }) => seen.push([error.code, error.message]));
  await withWorker(async (_request: Request, { scheduler }: JobContext) => {
    await noted(scheduler.runAfter(-1, 'a:b'));
    await noted(scheduler.runAfter(NaN, 'a:b'));
    await noted(scheduler.runAfter('5' as never, 'a:b'));
    await noted(scheduler.runAt(Infinity, 'a:b'));
    await noted(scheduler.runAt(1e15, 'a:b'));
    await noted(scheduler.runAt(new Date(NaN), 'a:b'));
    await noted(scheduler.runAfter(1, 'a b'));
    await noted(scheduler.runAfter(1, 'a:b', { n: 1n }));
    await noted(scheduler.runAfter(1, 'too:large', 'x'));
    await noted(scheduler.get('evt_1'));
    await noted(scheduler.cancel(7 as never));
    await noted(scheduler.list({ limit: 0 }));
  }, async (suite) => {
    suite.decide = (frame) => (frame.of === 'too:large' ? { code: 'payload_too_large', message: 'args: have 3 bytes; at most 2 are allowed.' } : undefined);
    await suite.submit().next();
    assert.deepEqual(seen, [
      ['invalid_request', 'ctx.scheduler.runAfter: delayMs must be a number of milliseconds from 0 to 100 years, got -1'],
      ['invalid_request', 'ctx.scheduler.runAfter: delayMs must be a number of milliseconds from 0 to 100 years, got NaN'],
      ['invalid_request', "ctx.scheduler.runAfter: delayMs must be a number of milliseconds from 0 to 100 years, got '5'"],
      ['invalid_request', 'ctx.scheduler.runAt: timestampMs must be a time in epoch milliseconds, from 0 to the end of the year 9999, got Infinity'],
      ['invalid_request', 'ctx.scheduler.runAt: timestampMs must be a time in epoch milliseconds, from 0 to the end of the year 9999, got 1000000000000000'],
      ['invalid_request', 'ctx.scheduler.runAt: timestampMs must be a time in epoch milliseconds, from 0 to the end of the year 9999, got Invalid Date'],
      ['invalid_request', "ctx.scheduler.runAfter: functionPath must be a job's name or 'namespace:function', got 'a b'"],
      ['invalid_request', 'ctx.scheduler.runAfter: args cannot be sent as JSON: n is a BigInt; send it as a string'],
      ['payload_too_large', 'ctx.scheduler.runAfter: args: have 3 bytes; at most 2 are allowed.'],
      ['invalid_request', "ctx.scheduler.get: id must be an id that runAfter or runAt gave, got 'evt_1'"],
      ['invalid_request', 'ctx.scheduler.cancel: id must be an id that runAfter or runAt gave, got 7'],
      ['invalid_request', 'ctx.scheduler.list: limit must be a whole number from 1 to 500, got 0'],
    ]);
    assert.deepEqual(suite.frames.filter((frame) => frame.t === 'ask').map(({ of, bytes }) => [of, bytes]), [['too:large', 3]]);
  });
});

const ID = 'run_01HZZZZZZZZZZZZZZZZZZZZZZZ';
const SHOWN = { id: ID, function_path: 'a:b', args: [1], scheduled_time: '2026-01-31T09:00:00.000Z', state: 'pending', attempts: 0, scheduled_by: null };

test('answers outside of steps are journaled; in a step it sees what it has scheduled itself, and takes it back', async () => {
  const seen: unknown[] = [];
  await withWorker(async (_request: Request, { scheduler, step }: JobContext) => {
    seen.push(await scheduler.cancel(ID), await scheduler.get(ID), (await scheduler.list({ limit: 2 })).map((found) => found.scheduledTime));
    await step('own', async () => {
      const id = await scheduler.runAt(0, 'c:d');
      seen.push((await scheduler.get(id))!.state, (await scheduler.list()).map((found) => found.functionPath), await scheduler.cancel(id));
    });
    if (seen.length === 6) throw new Error('again');
  }, async (suite) => {
    let asked = 0;
    suite.reply = ({ what, of }) => ({ target: { job: of }, cancel_scheduled: { cancelled: asked++ === 0 }, scheduled: SHOWN, scheduled_list: [SHOWN] })[what as 'target'];
    const run = suite.submit();
    await run.next();
    await run.next();
    const first = [{ cancelled: true }, { id: ID, functionPath: 'a:b', args: [1], scheduledTime: Date.parse(SHOWN.scheduled_time), state: 'pending', attempts: 0, scheduledBy: null },
      [Date.parse(SHOWN.scheduled_time)]];
    assert.deepEqual(seen, [...first, 'pending', ['c:d', 'a:b'], { cancelled: true }, ...first]);
    assert.deepEqual(run.keys, ['scheduler:0', 'scheduler:1', 'scheduler:2', 'step:own']);
    assert.deepEqual(run.schedules, []);
  });
});

test('a call that differs from the journal is found', async () => {
  const differing: [(run: FakeRun) => void, RegExp][] = [
    [(run) => run.entries.push({ key: 'schedule:0', output: { id: ID, function_path: 'yours' } }), /a schedule of 'yours' where this attempt schedules 'mine'/],
    [(run) => run.entries.push({ key: 'scheduler:0', output: { call: 'get', of: 'x', answer: null } }), /a get of 'x' where this attempt calls list of 'null'/],
  ];
  await withWorker(async (_request: Request, ctx: JobContext) => {
    await ctx.scheduler.runAfter(0, 'mine');
    await ctx.scheduler.list();
  }, async (suite) => {
    for (const [prepare, message] of differing) {
      const run = suite.submit();
      prepare(run);
      const { error } = await run.next();
      assert.equal(error.code, 'replay_differs');
      assert.match(error.message, message);
    }
  });
});

test('a handler behind a URL schedules by its callback', async () => {
  await withWorker(async () => {}, async (suite) => {
    const run = suite.submit();
    run.epoch = 1;
    const handle = createHttpHandler(async (_request, ctx) => ctx.step('s', () => ctx.scheduler.runAfter(1, 'a:b', 2)));
    const response = await handle(new Request('http://handler/', {
      method: 'POST', body: '{}',
      headers: { 'reactor-run': run.id, 'reactor-epoch': '1', 'reactor-callback': suite.callback, 'reactor-callback-token': 'callback-token' },
    }));
    assert.equal(await response.json(), scheduledRunId(run.id, 'step:s', 0));
    assert.deepEqual(run.schedules.map(({ job, args }) => [job, args]), [['a:b', 2]]);
  });
});
