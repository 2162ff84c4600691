import { fdatasync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

// One file per process. CLOCK_MONOTONIC is one clock for all of a machine's processes, so the lines of all files have one order.
const file = openSync(join(process.env.LEDGER, `${process.pid}.ledger`), "a");
const now = () => process.hrtime.bigint();

let lines = [];
let waiting = [];
let syncing = false;

/** A line that is on the disk when the promise resolves; lines that come together are synced together. */
export function durable(...fields) {
  lines.push(`${[now(), process.pid, ...fields].join(" ")}\n`);
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (!syncing) setImmediate(sync);
    syncing = true;
  });
}

/** A line that is written now. A killed process does not take back what it has written. */
export function note(...fields) {
  writeSync(file, `${[now(), process.pid, ...fields].join(" ")}\n`);
}

function sync() {
  const text = lines.join("");
  const done = waiting;
  lines = [];
  waiting = [];
  writeSync(file, text);
  fdatasync(file, (problem) => {
    if (problem) throw problem;
    for (const resolve of done) resolve();
    if (waiting.length > 0) setImmediate(sync);
    else syncing = false;
  });
}
