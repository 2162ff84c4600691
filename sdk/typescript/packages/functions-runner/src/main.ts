import { captureConsole } from './console.js';
import { Runner } from './runner.js';
import { connect } from './stream-line.js';

// The argument is the executor's socket: which function this process is for comes over it.
const [socket] = process.argv.slice(2);
if (socket === undefined) {
  process.stderr.write('usage: main.js SOCKET\n');
  process.exit(2);
}

captureConsole();
// A promise that nobody awaited fails nobody else: attempts of other runs live in this process too.
process.on('unhandledRejection', (reason) => console.error('unhandled rejection:', reason));
new Runner(await connect(socket));
