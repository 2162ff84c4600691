import { createWorker } from "../../../sdk/typescript/packages/jobs-sdk/dist/index.js";

const { REACTOR_URL, REACTOR_TOKEN, REACTOR_ORG } = process.env;

/** Serves the handlers until the parent closes standard input, however it goes. */
export async function serve(handlers, concurrency) {
  process.stdin.on("end", () => process.exit(0)).resume();
  const worker = createWorker({
    url: REACTOR_URL, token: REACTOR_TOKEN, org: REACTOR_ORG, concurrency, handlers,
    onEvent: (event) => console.error(process.hrtime.bigint(), JSON.stringify(event, (_, value) => (value instanceof Error ? value.message : value))),
  });
  await worker.start();
  console.log("serving");
}
