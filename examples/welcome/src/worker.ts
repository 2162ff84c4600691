import { createWorker } from "@reactor/jobs-sdk";
import welcome from "./handler.js";

const { REACTOR_URL = "http://127.0.0.1:8000", REACTOR_TOKEN, REACTOR_ORG = "acme" } = process.env;
if (!REACTOR_TOKEN) {
  console.error("REACTOR_TOKEN is missing: it is in .reactor/dev-token");
  process.exit(2);
}

const worker = createWorker({ url: REACTOR_URL, token: REACTOR_TOKEN, org: REACTOR_ORG, concurrency: 10, handlers: { welcome } });
const stop = () => void worker.stop().then(() => process.exit(0));
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
// A parent that holds this pipe ends the worker by going away, however it goes.
if (process.env["REACTOR_END_WITH_STDIN"]) process.stdin.on("end", () => process.exit(0)).resume();

await worker.start();
console.log("serving welcome");
