// Workers as Reaction's plugins register them.
import { createBackgroundJobs } from "../../../sdk/typescript/packages/background-jobs/dist/index.js";

const { REACTOR_URL, REACTOR_TOKEN, REACTOR_ORG } = process.env;

const backgroundJobs = createBackgroundJobs({ url: REACTOR_URL, token: REACTOR_TOKEN, org: REACTOR_ORG });
process.stdin.on("end", () => process.exit(0)).resume();

await backgroundJobs.addWorker({
  type: "someUniqueJobType",
  async worker(job) {
    await job.progress(1, 2);
    job.log("halfway");
    void job.progress(2, 2);
    job.done(`Done message for ${job.data.name}`);
  },
});

await backgroundJobs.addWorker({
  type: "closedShop",
  worker: (job) => job.fail("the shop is closed"),
});

const job = await backgroundJobs.scheduleJob({ type: "someUniqueJobType", data: { name: "a plugin" }, priority: "critical" });
console.log(JSON.stringify(await backgroundJobs.getJob(job.id)));
console.log("serving");
