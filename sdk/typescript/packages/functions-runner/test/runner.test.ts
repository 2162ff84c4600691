import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { FakeExecutor } from './fake-executor.js';

for (const runtime of ['node', 'bun']) {
  const served = (name: string, code: string, act: (executor: FakeExecutor) => Promise<void>): void => {
    test(`${runtime}: ${name}`, { timeout: 30_000 }, async () => {
      const executor = new FakeExecutor(runtime, code);
      try {
        await (await executor.welcome({ KEY: 'given' })).next(() => true);
        await act(executor);
      } finally {
        await executor.close();
      }
    });
  };

  served('the environment of the welcome is there when the module is imported', 'const key = process.env.KEY; export default { fetch: (request, env) => [key, env.KEY] };', async (executor) => {
    executor.run('run_1');
    assert.deepEqual((await executor.finish('run_1'))['result'], ['given', 'given']);
  });

  served('a handler names the export that it runs; one that is not there, or is none, is an error of its run alone', `
    export const sweep = () => 'swept';
    export const polish = { fetch: (request, env) => [env.KEY, 'polished'] };
    export const level = 3;`, async (executor) => {
    for (const [i, handler] of ['f:sweep', 'f:polish', 'f:level', 'f:none', 'f'].entries()) executor.run(`run_${i}`, {}, handler);
    const ends = await Promise.all([0, 1, 2, 3, 4].map((i) => executor.finish(`run_${i}`)));
    assert.deepEqual(ends.slice(0, 2).map((end) => end['result']), ['swept', ['given', 'polished']]);
    assert.deepEqual(ends.slice(2).map((end) => [end['fatal'], (end['error'] as { message: string }).message.split(', and ')[1]]), [
      [true, 'its export level is a number'], [true, 'it has no export none'], [true, 'it has no default export'],
    ]);
  });

  served('console lines go to the run and step that they come from', `
    export default async (req, ctx) => {
      const { n } = await req.json();
      await ctx.step('s', async () => { await new Promise((done) => setTimeout(done, 10)); console.log('in %s', n); });
      console.error('after', { n });
    };`, async (executor) => {
    executor.run('run_1', { n: 1 });
    executor.run('run_2', { n: 2 });
    await Promise.all([executor.finish('run_1'), executor.finish('run_2')]);
    for (const n of [1, 2]) {
      assert.deepEqual(executor.lines(`run_${n}`).map(({ level, step, message }) => [level, step, message]),
        [['info', 's', `in ${n}`], ['error', null, `after { n: ${n} }`]]);
    }
  });

  served('what is written outside of an attempt goes to standard output', "console.log('at import'); export default () => 1;", async (executor) => {
    executor.run('run_1');
    await executor.finish('run_1');
    assert.equal(executor.output, 'at import\n');
  });

  served('an attempt that ends after its abort is told to have stopped', `
    export default (req, ctx) => new Promise((done) => { console.log('here'); ctx.signal.addEventListener('abort', () => done()); });`, async (executor) => {
    executor.run('run_1');
    await executor.next((frame) => frame.t === 'log');
    executor.send({ t: 'abort', run: 'run_1', epoch: 1, reason: 'timeout' });
    assert.equal((await executor.next((frame) => frame.t === 'stopped'))['run'], 'run_1');
  });

  served('an attempt that awaits the context after its abort has stopped too', `
    export default async (req, ctx) => { for (let i = 0; ; i++) await ctx.step('s' + i, () => new Promise((done) => setTimeout(done, 5))); };`, async (executor) => {
    executor.run('run_1');
    await executor.next((frame) => frame.t === 'checkpoint');
    executor.send({ t: 'abort', run: 'run_1', epoch: 1, reason: 'cancelled' });
    assert.equal((await executor.next((frame) => frame.t === 'stopped'))['epoch'], 1);
  });

  served('a request without a run is answered', `
    export default async (request) => new Response(request.method + ' ' + new URL(request.url).search + ' ' + await request.text(), { status: 202 });`, async (executor) => {
    executor.send({ t: 'invoke', id: 7, method: 'PUT', path: '/x?y=1', headers: [['a', 'b']], body: Buffer.from('hä').toString('base64'), base64: true });
    const { id, status, body } = await executor.next((frame) => frame.t === 'answer');
    assert.deepEqual([id, status, body], [7, 202, 'PUT ?y=1 hä']);
  });

  served('an attempt of a job elsewhere calls back there', `
    export default async (request, ctx) => {
      console.log('asked by', ctx.run.orgId);
      return { doubled: await ctx.step('double', async () => (await request.json()).n * 2) };
    };`, async (executor) => {
    const frames: { t: string; key?: string; output?: unknown; entries?: { message: string }[] }[] = [];
    const suite = createServer((request, response) => {
      assert.equal(request.headers.authorization, 'Bearer secret');
      let text = '';
      request.on('data', (part) => { text += part; });
      request.on('end', () => {
        if (request.method === 'GET') {
          response.end(JSON.stringify({
            t: 'run', run: 'run_1', epoch: 2, attempt: 1, max_attempts: 3, job: 'j', handler: 'f', org: 'acme', trigger: { kind: 'manual', id: null }, payload: { n: 4 }, timeout_ms: 1000, entries: [],
          }));
          return;
        }
        const sent = JSON.parse(text) as { t: string; id: number }[];
        frames.push(...sent);
        response.end(JSON.stringify([{ t: 'ack', ids: sent.filter(({ t }) => t === 'checkpoint').map(({ id }) => id) }]));
      });
    });
    await new Promise<void>((listening) => { suite.listen(0, '127.0.0.1', listening); });
    try {
      const headers = [['reactor-run', 'run_1'], ['reactor-epoch', '2'], ['reactor-callback', `http://127.0.0.1:${(suite.address() as AddressInfo).port}`], ['reactor-callback-token', 'secret']];
      executor.send({ t: 'invoke', id: 8, method: 'POST', path: '/f', headers, body: '{"n":4}' });
      const { status, headers: answered, body } = await executor.next((frame) => frame.t === 'answer');
      assert.deepEqual([status, body], [200, '{"doubled":8}']);
      assert.deepEqual((answered as [string, string][]).find(([name]) => name === 'reactor-outcome'), ['reactor-outcome', 'completed']);
      assert.deepEqual(frames.filter(({ t }) => t === 'checkpoint').map(({ key, output }) => [key, output]), [['step:double', 8]]);
      assert.deepEqual(frames.flatMap(({ entries }) => entries ?? []).map(({ message }) => message), ['asked by acme']);
    } finally {
      suite.closeAllConnections();
      suite.close();
    }
  });

  served('a module that throws fails each attempt, and no more are wanted', "throw new RangeError('no good');", async (executor) => {
    executor.run('run_1');
    const { error, fatal } = await executor.finish('run_1') as unknown as { error: { code: string; message: string }; fatal: boolean };
    assert.deepEqual([error.code, fatal], ['function_load_failed', false]);
    assert.match(error.message, /RangeError: no good/);
    await executor.next((frame) => frame.t === 'drain');
  });

  served('a promise that nobody awaits does not end the process', 'export default () => { Promise.reject(new Error("left alone")); return 1; };', async (executor) => {
    executor.run('run_1');
    await executor.finish('run_1');
    executor.run('run_2');
    await executor.finish('run_2');
  });

  test(`${runtime}: the process ends with its line`, { timeout: 30_000 }, async () => {
    const executor = await new FakeExecutor(runtime, 'setInterval(() => {}, 1000); export default () => 1;').welcome();
    await executor.close();
    assert.equal(await executor.exited, 0);
  });
}
