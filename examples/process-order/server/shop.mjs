// A shop with a bank that cannot be relied on: orders to look up, payments, receipts. What was paid and sent is in ledger.jsonl.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const orders = JSON.parse(readFileSync(new URL('orders.json', import.meta.url), 'utf8'));
const file = new URL('ledger.jsonl', import.meta.url);
const ledger = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)) : [];
const payments = new Map();

const booked = (kind, key) => ledger.find((entry) => entry.kind === kind && entry.key === key);

function book(entry) {
  ledger.push(entry);
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
  return entry;
}

function findOrder(id) {
  const order = orders.find((known) => known.id === id);
  return order ? [200, order] : [404, { error: `there is no order ${id}` }];
}

/** Refuses the first try; takes the money at the second, and hangs up before it says so. */
function charge(key, { order, cents }) {
  const known = booked('charge', key);
  if (known) return [200, known];
  const tries = (payments.get(key) ?? 0) + 1;
  payments.set(key, tries);
  if (tries === 1) return [503, { error: 'the bank is busy' }];
  book({ kind: 'charge', key, order, cents, at: new Date().toISOString() });
  return undefined;
}

function sendReceipt(key, { order }) {
  const known = booked('receipt', key);
  if (known) return [200, known];
  const to = orders.find(({ id }) => id === order)?.customer;
  return to ? [200, book({ kind: 'receipt', key, order, to, at: new Date().toISOString() })] : [404, { error: `there is no order ${order}` }];
}

async function bodyOf(request) {
  let text = '';
  for await (const part of request) text += part;
  return JSON.parse(text);
}

async function answerTo(request) {
  const key = request.headers['idempotency-key'];
  const [, what, id] = request.url.split('/');
  if (request.method === 'GET' && what === 'orders') return findOrder(decodeURIComponent(id));
  if (request.method === 'POST' && what === 'charges' && key) return charge(key, await bodyOf(request));
  if (request.method === 'POST' && what === 'receipts' && key) return sendReceipt(key, await bodyOf(request));
  return [404, { error: `there is nothing at ${request.method} ${request.url}` }];
}

const server = createServer(async (request, response) => {
  try {
    const answer = await answerTo(request);
    if (!answer) return request.socket.destroy();
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
  } catch (error) {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: error.message }));
  }
});
server.listen(8090, '127.0.0.1', () => console.log('the shop is open at http://127.0.0.1:8090'));
