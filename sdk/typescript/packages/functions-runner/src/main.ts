import { captureConsole } from './console.js';
import { Runner } from './runner.js';
import { connect } from './stream-line.js';

// Arguments: the executor's socket, and the function's entry.
const [socket, entry] = process.argv.slice(2);
if (socket === undefined || entry === undefined) {
  process.stderr.write('usage: main.js SOCKET ENTRY\n');
  process.exit(2);
}

captureConsole();
// A promise that nobody awaited fails nobody else: attempts of other runs live in this process too.
process.on('unhandledRejection', (reason) => console.error('unhandled rejection:', reason));
new Runner(await connect(socket), entry);
