import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { createBackgroundJobs, RequestRefused, type BackgroundJobs } from '@reactor/background-jobs';
import type { JobContext } from '@reactor/jobs-sdk';
import { handlerOf, type Worker } from '#src/worker';

const job = {
  id: 'trg_01', type: 'someUniqueJobType', data: { shop_id: 'a' }, status: 'scheduled', priority: 'normal', progress: null, schedule: 'every day', createdAt: '2026-03-01T00:00:00.000Z',
  runAt: '2026-03-02T00:00:00.000Z', completedAt: null, attempt: 0, maxAttempts: 6, result: null, error: null,
};

let server: Server;
let jobs: BackgroundJobs;
let requests: { line: string; body: unknown; headers: NodeJS.Dict<string | string[]> }[];
let answer: { status: number; body: unknown };

before(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      requests.push({ line: `${request.method} ${request.url}`, body: text === '' ? undefined : JSON.parse(text), headers: request.headers });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  jobs = createBackgroundJobs({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, token: 'secret', org: 'acme' });
});

beforeEach(() => {
  requests = [];
  answer = { status: 200, body: job };
});

after(() => server.close());

test('a job is scheduled as the guide prints it', async () => {
  answer = { status: 201, body: job };
  const scheduled = await jobs.scheduleJob({
    type: 'someUniqueJobType',
    data: {},
    retry: { retries: 5, wait: 60000, backoff: 'exponential' },
    priority: 'normal',
    schedule: 'every day',
    cancelRepeats: true,
  });
  assert.deepEqual(scheduled, job);
  assert.equal(requests[0]!.line, 'POST /resources/jobs');
  assert.deepEqual(requests[0]!.body, {
    type: 'someUniqueJobType', data: {}, retry: { retries: 5, wait: 60000, backoff: 'exponential' }, priority: 'normal', schedule: 'every day', cancelRepeats: true,
  });
  assert.equal(requests[0]!.headers['authorization'], 'Bearer secret');
  assert.equal(requests[0]!.headers['x-reactor-org'], 'acme');
});

test('what is left out is not sent', async () => {
  await jobs.scheduleJob({ type: 'once' });
  assert.deepEqual(requests[0]!.body, { type: 'once' });
});

test('jobs are cancelled by a part of their data', async () => {
  answer.body = { cancelled: 2, ids: ['run_1', 'trg_1'] };
  assert.deepEqual(await jobs.cancelJobs({ type: 'foo', data: { shopId: 's1' } }), answer.body);
  assert.deepEqual([requests[0]!.line, requests[0]!.body], ['POST /resources/jobs/cancel', { type: 'foo', data: { shopId: 's1' } }]);
});

test('a job is found by its id, its data as they are, and one that is not there is null', async () => {
  assert.deepEqual(await jobs.getJob('trg_01'), job);
  answer = { status: 404, body: { code: 'job_not_found', title: 'Not found' } };
  assert.equal(await jobs.getJob('a/b'), null);
  assert.deepEqual(requests.map((request) => request.line), ['GET /resources/jobs/trg_01', 'GET /resources/jobs/a%2Fb']);
});

test('a plugin asks for cleanup', async () => {
  await jobs.registerPlugin({
    name: 'files',
    backgroundJobs: {
      cleanup: [
        { type: 'saveImage/local', purgeAfterDays: 7 },
        { type: 'saveImage/remote', purgeAfterDays: 7 },
      ],
    },
  });
  await jobs.registerPlugin({ name: 'another one' });
  assert.deepEqual(requests.map(({ line, body }) => [line, body]), [
    ['PUT /resources/cleanup', { type: 'saveImage/local', purgeAfterDays: 7 }],
    ['PUT /resources/cleanup', { type: 'saveImage/remote', purgeAfterDays: 7 }],
  ]);
});

test('a refusal names what is wrong', async () => {
  answer = { status: 400, body: { title: 'Bad request', code: 'invalid_request', errors: [{ pointer: '/schedule', detail: 'text "fortnight" at position 7: must be what is counted' }] } };
  await assert.rejects(jobs.scheduleJob({ type: 'a', schedule: 'every fortnight' }), (refused: RequestRefused) =>
    refused instanceof RequestRefused && refused.status === 400 && refused.code === 'invalid_request' && refused.message.includes('/schedule: text "fortnight" at position 7'));
  const away = createBackgroundJobs({ url: 'http://127.0.0.1:1', token: 'secret' });
  await assert.rejects(away.getJob('run_1'), (refused: RequestRefused) => refused.code === 'unreachable' && refused.status === null);
  assert.throws(() => createBackgroundJobs({ url: 'localhost', token: 'secret' }), /url 'localhost' must be an http\(s\) URL/);
  await assert.rejects(jobs.addWorker({ type: 'a', worker: undefined as unknown as Worker }), /worker of 'a' must be a function/);
});

const steps: Record<string, unknown> = {};

async function work(worker: Worker<{ name: string }>): Promise<unknown> {
  for (const name of Object.keys(steps)) delete steps[name];
  const ctx = {
    run: { id: 'run_1', jobId: 'greet', attempt: 2, trigger: { kind: 'manual', id: null }, orgId: 'acme' },
    signal: new AbortController().signal,
    log: { info: () => {} },
    step: async (name: string, fn: () => unknown) => (steps[name] = await fn()),
  } as unknown as JobContext;
  return handlerOf(worker)(new Request('http://reactor.local/jobs/greet', { method: 'POST', body: '{"name":"Ada"}' }), ctx);
}

test('what a worker says is how its job ends, and what it says first', async () => {
  assert.equal(await work((job) => { job.done('Done message'); job.fail('too late'); }), 'Done message');
  assert.equal(await work((job) => `${job.id} ${job.type} ${job.attempt} ${job.data.name}`), 'run_1 greet 2 Ada');
  assert.equal(await work(() => {}), null);
  assert.equal(await work((job) => { job.done(); throw new Error('too late'); }), null);
  await assert.rejects(work(() => { throw new RangeError('thrown'); }), RangeError);
  await assert.rejects(work((job) => { job.fail('the shop is closed'); job.done(); }), { name: 'Error', message: 'the shop is closed' });
  await assert.rejects(work((job) => { job.fail(new RangeError('no such shop'), { fatal: true }); }), { name: 'FatalError', message: 'no such shop' });
});

test('progress is kept in its order, waited for or not', async () => {
  await work(async (job) => {
    await job.progress(1, 4);
    void job.progress(4, 4);
    job.log('halfway');
  });
  assert.deepEqual(steps, { 'progress:1': { completed: 1, total: 4, percent: 25 }, 'progress:2': { completed: 4, total: 4, percent: 100 } });
  await assert.rejects(work((job) => job.progress(5, 4)), RangeError);
});
