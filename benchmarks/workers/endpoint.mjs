// Handlers behind a URL: each takes 20 ms, as one that waits for another service. A run with `at` (the caller's CLOCK_MONOTONIC in
// milliseconds) is one whose waiting is measured; of the others only the number counts. Speaks with its stdin and stdout like worker.mjs.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const TAKES_MS = 20;
const now = () => Number(process.hrtime.bigint()) / 1e6;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
let notes = [];
let left = 0;

const server = createServer(async (request, response) => {
  const arrived = now();
  const parts = [];
  for await (const part of request) parts.push(part);
  const { at } = JSON.parse(Buffer.concat(parts));
  setTimeout(() => {
    if (at) notes.push(arrived - at);
    response.writeHead(200, { 'content-type': 'application/json' }).end('null');
    if (!at && --left === 0) say({ reached: true });
  }, TAKES_MS);
});

const commands = {
  listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port }))),
  expect({ runs }) {
    [notes, left] = [[], runs];
    return {};
  },
  notes: () => ({ notes }),
};

const lines = createInterface({ input: process.stdin });
lines.on('line', async (line) => {
  const command = JSON.parse(line);
  say({ done: command.do, ...(await commands[command.do](command)) });
});
lines.on('close', () => process.exit(0));
