// The worker under load. Lines of JSON on stdin say what to do; each is answered by a line on stdout. It ends with its stdin.
import { createInterface } from 'node:readline';
import { createWorker } from '../../sdk/typescript/packages/jobs-sdk/dist/index.js';
import { handlers, notebook } from './handlers.mjs';

const { REACTOR_URL, REACTOR_TOKEN, BENCH_SLOTS } = process.env;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
let worker;

function create() {
  return createWorker({
    url: REACTOR_URL, token: REACTOR_TOKEN, concurrency: Number(BENCH_SLOTS), handlers,
    onEvent: (event) => { if (event.type !== 'connected') say({ event }); },
  });
}

const commands = {
  async connect() {
    worker = create();
    await worker.start();
    return {};
  },
  async disconnect() {
    await worker.stop();
    return {};
  },
  async expect({ runs }) {
    notebook.expect(runs, () => say({ reached: runs }));
    return {};
  },
  async notes() {
    return { notes: notebook.notes() };
  },
};

const lines = createInterface({ input: process.stdin });
lines.on('line', async (line) => {
  const command = JSON.parse(line);
  say({ done: command.do, ...(await commands[command.do](command)) });
});
lines.on('close', () => process.exit(0));
