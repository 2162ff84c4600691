// The guide's samples as it prints them: its context and its app are what stands above them.
import { renameSync, writeFileSync } from "node:fs";
import { createBackgroundJobs } from "../../../sdk/typescript/packages/background-jobs/dist/index.js";

const { REACTOR_URL, REACTOR_TOKEN, REACTOR_ORG, SIGN } = process.env;
process.stdin.on("end", () => process.exit(0)).resume();

const app = createBackgroundJobs({ url: REACTOR_URL, token: REACTOR_TOKEN, org: REACTOR_ORG });
const context = { backgroundJobs: app };
const shopId = "BCTMZ6HTxFSppJESk";
async function doTheWork(data) {
  if (data.broken) throw new Error("it broke");
}

const workerInstance = await context.backgroundJobs.addWorker({
  type: "someUniqueJobType",
  async worker(job) {
    await doTheWork(job.data); // Whatever function you create that does the task
    job.done("Done message");
    // If anything throws, it will automatically call job.fail(errorMessage), but you
    // could also call job.fail yourself to provide better failure details.
  }
});

async function schedule() {
  const job = await context.backgroundJobs.scheduleJob({
    type: "someUniqueJobType",
    data: {}, // any data your worker needs to perform the work
    // Retry is optional
    retry: {
      retries: 5,
      wait: 60000,
      backoff: "exponential"
    },
    // Priority is optional
    priority: "normal",
    // Schedule is optional if you just need to run it once.
    // Set to any text that later.js can parse.
    schedule: "every day",
    // Set cancelRepeats to true if you want to cancel all other pending jobs with the same type
    cancelRepeats: true
  });
  return job;
}

async function get(jobId) {
  const job = await context.backgroundJobs.getJob(jobId);
  return job;
}

const scheduled = await schedule();
const got = await get(scheduled.id);

const mine = await app.scheduleJob({ type: "foo", data: { shopId, n: 1 }, schedule: "every day" });
const others = await app.scheduleJob({ type: "foo", data: { shopId: "another" }, schedule: "every day" });
await context.backgroundJobs.cancelJobs({
  type: "foo",
  data: { shopId }
});
const cancelled = [await get(mine.id), await get(others.id)].map((job) => job?.status ?? null);

await app.registerPlugin({
  // ...
  backgroundJobs: {
    cleanup: [
      { type: "saveImage/local", purgeAfterDays: 7 },
      { type: "saveImage/remote", purgeAfterDays: 7 }
    ]
  }
});

writeFileSync(`${SIGN}.new`, JSON.stringify({ worker: workerInstance.type, scheduled, got, cancelled }));
renameSync(`${SIGN}.new`, SIGN);
