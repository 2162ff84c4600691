import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { FatalError } from "../../../sdk/typescript/packages/jobs-sdk/dist/index.js";
import { serve } from "./serve.mjs";

async function exists(file, signal) {
  while (!existsSync(file) && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
}

const handlers = {
  echo: async (request) => Response.json(await request.json()),

  /** What a webhook's run knows of its request. */
  hooked: async (request, ctx) => {
    const { kind, headers, detail } = ctx.run.trigger;
    return Response.json({ payload: await request.json(), kind, header: headers["x-shop"], same: detail.headers["x-shop"] });
  },

  /** Steps, lines of the log, an event, state. */
  order: async (request, ctx) => {
    const { orderId } = await request.json();
    ctx.log.info(`order ${orderId}`);
    const order = await ctx.step("validate", async () => ({ id: orderId, total: 42 }));
    await ctx.step("charge", async () => {
      ctx.log.warn("charging");
      await ctx.state.set("charged", order.total);
    });
    await ctx.emit("order.charged", order);
    return Response.json({ orderId: order.id, charged: await ctx.state.get("charged") });
  },

  nap: async (request, ctx) => {
    const { duration } = await request.json();
    const before = await ctx.step("before", async () => "awake");
    await ctx.sleep("nap", duration);
    return Response.json({ before, after: await ctx.step("after", async () => "awake again") });
  },

  /** Never ends by itself; leaves the reason of its abort. */
  stubborn: async (request, ctx) => {
    const { sign } = await request.json();
    ctx.signal.addEventListener("abort", () => writeFileSync(sign, ctx.signal.reason.reason));
    await new Promise(() => {});
  },

  /** Runs until the sign is there. */
  gate: async (request, ctx) => {
    const { sign } = await request.json();
    await exists(sign, ctx.signal);
    return Response.json("through");
  },

  /** Three steps that are counted in the sign; the third fails for good until it may pass. */
  fragile: async (request, ctx) => {
    const { sign, pass } = await request.json();
    const count = (name) => appendFileSync(sign, `${name}\n`);
    const one = await ctx.step("one", async () => { count("one"); return 1; });
    const two = await ctx.step("two", async () => { count("two"); return one + 1; });
    const three = await ctx.step("three", async () => {
      count("three");
      if (!existsSync(pass)) throw new FatalError("not yet", { code: "not_yet" });
      return two + 1;
    });
    return Response.json({ three });
  },

  /** The answer that the payload asks for at the first attempt, then 200. */
  moody: async (request, ctx) => {
    const { status, retryAfter, always } = await request.json();
    if (!always && ctx.run.attempt > 1) return Response.json({ attempt: ctx.run.attempt });
    return new Response(`status ${status}`, { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } });
  },

  large: async (request, ctx) => {
    const { bytes } = await request.json();
    return Response.json((await ctx.step("large", async () => "x".repeat(bytes))).length);
  },
};

await serve(handlers, 50);
