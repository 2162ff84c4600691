// The orders of an org, behind a rate limit: every second request is refused. Reports that are put here are in reports.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const HOUR = 3_600_000;
const data = JSON.parse(readFileSync(new URL('orders.json', import.meta.url), 'utf8'));
const file = new URL('reports.json', import.meta.url);
let requests = 0;

function ordersOf(org, since) {
  if (requests++ % 2 === 0) return [429, { error: 'not so fast' }];
  if (!data[org]) return [404, { error: `there is no org ${org}` }];
  // The ages are in the data, and not the times: it stays as new as it is.
  const all = data[org].map(({ hours_ago, ...order }) => ({ ...order, created_at: new Date(Date.now() - hours_ago * HOUR).toISOString() }));
  return [200, all.filter((order) => order.created_at >= since)];
}

function putReport(org, type, report) {
  const reports = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  reports[org] = { ...reports[org], [type]: report };
  writeFileSync(file, `${JSON.stringify(reports, null, 2)}\n`);
  return [200, report];
}

async function bodyOf(request) {
  let text = '';
  for await (const part of request) text += part;
  return JSON.parse(text);
}

async function answerTo(request) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const [, orgs, org, what, type] = pathname.split('/').map(decodeURIComponent);
  if (orgs === 'orgs' && request.method === 'GET' && what === 'orders') return ordersOf(org, searchParams.get('since') ?? '');
  if (orgs === 'orgs' && request.method === 'PUT' && what === 'reports' && type) return putReport(org, type, await bodyOf(request));
  return [404, { error: `there is nothing at ${request.method} ${pathname}` }];
}

const server = createServer(async (request, response) => {
  try {
    const [status, body] = await answerTo(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  } catch (error) {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: error.message }));
  }
});
server.listen(8091, '127.0.0.1', () => console.log('the orders are at http://127.0.0.1:8091'));
