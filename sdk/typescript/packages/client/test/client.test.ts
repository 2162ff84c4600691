import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createClient, ReactorError, type Client } from '@reactor/client';

interface Received { line: string; headers: IncomingHttpHeaders; body: unknown }
interface Answer { status?: number; headers?: Record<string, string>; body?: unknown }

/** A client of a server that answers all requests alike, and what that received. */
async function withServer(answer: Answer, use: (reactor: Client, received: Received[]) => Promise<void>): Promise<void> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      received.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) });
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((listening) => { server.listen(0, '127.0.0.1', listening); });
  try {
    const reactor = createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, token: 'rj_token' });
    await use(reactor, received);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a job is created, gets a trigger and is started, by the token and in the org', async () => {
  await withServer({ status: 202, body: { id: 'run_1', status: 'pending', job_id: 'process-order', payload: { order_id: 'ord_123' } } }, async (reactor, received) => {
    reactor.auth.setOrg('acme');
    await reactor.jobs.create({ name: 'process-order', functionName: 'process-order' });
    await reactor.jobs.triggers.create('process-order', { kind: 'cron', schedule: '0 * * * *' });
    const run = await reactor.jobs.trigger('process-order', { payload: { orderId: 'ord_123' } });

    assert.deepEqual(received.map(({ line, body }) => [line, body]), [
      ['POST /jobs/v1/_admin/jobs', { name: 'process-order', functionName: 'process-order' }],
      ['POST /jobs/v1/_admin/jobs/process-order/triggers', { kind: 'cron', schedule: '0 * * * *' }],
      ['POST /jobs/v1/process-order/trigger', { payload: { orderId: 'ord_123' } }],
    ]);
    for (const { headers } of received) assert.deepEqual([headers.authorization, headers['x-reactor-org']], ['Bearer rj_token', 'acme']);
    assert.equal(run.jobId, 'process-order');
    assert.deepEqual(run.payload, { order_id: 'ord_123' }, 'a payload is not ours to rename');
  });
});

test('a start is its payload, or options that have one', async () => {
  for (const [start, body, key] of [
    [undefined, {}, undefined],
    [{ org_id: 'o', report_type: 'weekly' }, { payload: { org_id: 'o', report_type: 'weekly' } }, undefined],
    [{ delay: '5m' }, { payload: { delay: '5m' } }, undefined],
    [{ payload: 1, other: 2 }, { payload: { payload: 1, other: 2 } }, undefined],
    [[1], { payload: [1] }, undefined],
    [null, { payload: null }, undefined],
    [{ payload: { a: 1 }, delay: '5m', priority: 'high', idempotencyKey: 'k' }, { payload: { a: 1 }, delay: '5m', priority: 'high' }, 'k'],
  ] as const) {
    await withServer({ status: 202, body: {} }, async (reactor, received) => {
      await reactor.jobs.trigger('j', start as never);
      assert.deepEqual([received[0]!.body, received[0]!.headers['idempotency-key']], [body, key]);
    });
  }
});

test('runs and dead letters are found by filters, and names are escaped in paths', async () => {
  await withServer({ body: [{ id: 'dlq_1', retried_as: null }] }, async (reactor, received) => {
    await reactor.jobs.runs.list('process-order', { status: 'failed' });
    await reactor.jobs.runs.list('images/local', { status: ['failed', 'cancelled'], since: new Date(0), limit: 5, cursor: 'run_1' });
    const dlq = await reactor.jobs.dlq.list('process-order');
    await reactor.jobs.dlq.retry('process-order', dlq[0]!.id);
    await reactor.jobs.runs.get('images/local', 'run_1', { wait: '30s' });
    await reactor.jobs.runs.retry('process-order', 'run_1', { from: 'start' });
    await reactor.jobs.delete('images/local');

    assert.equal(dlq[0]!.retriedAs, null);
    assert.deepEqual(received.map(({ line }) => line), [
      'GET /jobs/v1/_admin/jobs/process-order/runs?status=failed',
      'GET /jobs/v1/_admin/jobs/images%2Flocal/runs?limit=5&cursor=run_1&status=failed%2Ccancelled&since=1970-01-01T00%3A00%3A00.000Z',
      'GET /jobs/v1/_admin/jobs/process-order/dlq',
      'POST /jobs/v1/_admin/jobs/process-order/dlq/dlq_1/retry',
      'GET /jobs/v1/_admin/jobs/images%2Flocal/runs/run_1?wait=30s',
      'POST /jobs/v1/_admin/jobs/process-order/runs/run_1/retry',
      'DELETE /jobs/v1/_admin/jobs/images%2Flocal',
    ]);
    assert.deepEqual(received[5]!.body, { from: 'start' });
  });
});

test('a refusal has its code, its mistakes with their places, and when to come again', async () => {
  const errors = [{ pointer: '/handlr', detail: 'is not a known field; did you mean handler?', line: 1, column: 14 }, { pointer: '/handler', detail: 'is required' }];
  await withServer({ status: 400, headers: { 'content-type': 'application/problem+json' }, body: { code: 'invalid_request', detail: '2 fields are wrong.', errors } }, async (reactor) => {
    await assert.rejects(reactor.jobs.create({ name: 'j' }), (error: ReactorError) => {
      assert.deepEqual([error.name, error.code, error.status], ['ReactorError', 'invalid_request', 400]);
      assert.match(error.message, /^2 fields are wrong\. .*did you mean handler\?; \/handler: is required$/);
      assert.deepEqual(error.errors, errors);
      return true;
    });
  });
  await withServer({ status: 429, headers: { 'retry-after': '1' }, body: { code: 'concurrency_exceeded', detail: 'Too many.' } }, async (reactor) => {
    await assert.rejects(reactor.jobs.trigger('j'), (error: ReactorError) => error.code === 'concurrency_exceeded' && error.retryAfterMs === 1_000);
  });
  await withServer({ status: 502, body: 'bad gateway' }, async (reactor) => {
    await assert.rejects(reactor.jobs.list(), (error: ReactorError) => error.code === 'unexpected_answer' && error.status === 502);
  });
});

test('a suite that is not there, and options that are wrong, are named', async () => {
  await assert.rejects(createClient({ url: 'http://127.0.0.1:1' }).jobs.list(), (error: ReactorError) =>
    error.code === 'unreachable' && error.status === null && error.message.startsWith('GET http://127.0.0.1:1/jobs/v1/_admin/jobs cannot be reached: '));
  assert.throws(() => createClient({ url: 'localhost:8000' }), /url 'localhost:8000' must be an http\(s\) URL/);
  assert.throws(() => createClient({ url: 'http://localhost', timeoutMs: 0 }), /timeoutMs must be a positive number/);
});
