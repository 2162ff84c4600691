import { randomUUID } from "node:crypto";
import { FatalError } from "../../../sdk/typescript/packages/jobs-sdk/dist/index.js";

/** Handlers that enter into a ledger what they begin and what was acknowledged. A number tells the invocations of a process apart. */
export function handlersOf({ durable, note }) {
  let invocations = 0;

  const ledgered = (work) => async (request, ctx) => {
    const payload = await request.json();
    const { id, attempt, orgId } = ctx.run;
    const invocation = ++invocations;
    note("begin", id, "-", attempt, invocation);
    if (payload.org !== orgId) note("foreign", id, "-", attempt, invocation);

    /** Its start is on the disk before it does anything; its acknowledgement is entered when the handler has it. */
    const step = async (name, body) => {
      let ran = false;
      const value = await ctx.step(name, async () => {
        await durable("start", id, name, attempt, invocation);
        ran = true;
        const nonce = randomUUID();
        await body?.(nonce);
        return nonce;
      });
      if (ran) note("acknowledged", id, name, attempt, `${invocation}/${value}`);
      return value;
    };

    const emit = (topic, from, nonce, part = 0) => ctx.emit(topic, { org: orgId, run: id, step: from, nonce, part });
    const schedule = async (job, parts, from, nonce) => {
      for (let part = 0; part < parts; part++) await ctx.scheduler.runAfter(0, job, { org: orgId, run: id, step: from, nonce, part });
    };
    const result = await work({ payload, ctx, step, emit, schedule });
    note("done", id, "-", attempt, invocation);
    return Response.json(result ?? null);
  };

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const forever = () => new Promise(() => {});

  return Object.fromEntries(Object.entries({
    /** Steps with sleeps between them, so that it goes on here and there, and an event, with a step or by itself. */
    order: async ({ payload, ctx, step, emit }) => {
      // Not as long in each attempt: one that was replaced may find that the newer one sleeps already.
      const values = [await step("reserve", () => pause(Math.random() < 0.5 ? payload.ms : 0))];
      await ctx.sleep("waiting-for-payment", payload.sleep);
      values.push(await step("charge"));
      await ctx.sleep("cooling-off", payload.sleep);
      values.push(await step("ship", payload.inside ? (nonce) => emit("order.done", "ship", nonce) : undefined));
      if (!payload.inside) await emit("order.done", "ship", values[2]);
      return values;
    },

    parallel: async ({ payload, step }) => {
      const parts = await Promise.all(["left", "middle", "right"].map((name, i) => step(name, () => pause(payload.ms * i))));
      return [...parts, await step("join")];
    },

    /** A step of seconds, which schedules runs: what happens to its executor happens in the middle of it. */
    patient: async ({ payload, ctx, step, schedule }) => {
      // Each attempt says first that it is there: what an older one writes after that is seen in the journal's order.
      await ctx.step(`here ${randomUUID()}`, () => null);
      const long = (nonce) => pause(payload.ms).then(() => schedule("sprout", 2, "long", nonce));
      return [await step("first"), await step("long", long), await step("last")];
    },

    flaky: async ({ payload, ctx, step }) => {
      const first = await step("first");
      const second = await step("second", async () => {
        await pause(payload.ms);
        if (ctx.run.attempt <= payload.fails) throw new Error("not yet");
      });
      return [first, second];
    },

    doomed: async ({ step }) => {
      await step("first");
      await step("second", () => { throw new FatalError("never", { code: "doomed" }); });
    },

    /** Hangs at the first attempt, whose time runs out. */
    slow: async ({ ctx, step }) => {
      const first = await step("first");
      if (ctx.run.attempt === 1) await forever();
      return [first, await step("second")];
    },

    stuck: async ({ step }) => {
      await step("first");
      await forever();
    },

    /** Starts several runs by its events. */
    fan: async ({ payload, step, emit }) => [await step("spread", async (nonce) => {
      for (let part = 0; part < payload.parts; part++) await emit("leaf.wanted", "spread", nonce, part);
    })],

    invoice: ({ step }) => step("take"),
    notice: ({ step }) => step("take"),
    leaf: ({ step }) => step("take"),
    sprout: ({ step }) => step("take"),
  }).map(([name, work]) => [name, ledgered(work)]));
}
