import { createWorker } from "../../../sdk/typescript/packages/jobs-sdk/dist/index.js";
import * as ledger from "../../System/workers/ledger.mjs";
import { handlersOf } from "./handlers.mjs";

const { REACTOR_URL, REACTOR_TOKEN, REACTOR_ORG } = process.env;

// Whoever started this process holds its input open.
process.stdin.on("end", () => process.exit(0)).resume();
const worker = createWorker({
  url: REACTOR_URL, token: REACTOR_TOKEN, org: REACTOR_ORG, concurrency: 200, handlers: handlersOf(ledger),
  onEvent: (event) => console.error(process.hrtime.bigint(), JSON.stringify(event, (_, value) => (value instanceof Error ? value.message : value))),
});
process.once("SIGTERM", () => void worker.stop({ timeoutMs: 1000 }).then(() => process.exit(0)));
await worker.start();
console.log("serving");
