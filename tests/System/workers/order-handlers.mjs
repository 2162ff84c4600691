import { randomUUID } from "node:crypto";

/** The handlers of orders and of their subscribers, over a ledger that tells what was begun and what was acknowledged. */
export function handlersOf({ durable, note }) {
  /** A step that enters its start before it does anything, and its acknowledgement when it has it. */
  async function step(ctx, name, work) {
    let ran = false;
    const value = await ctx.step(name, async () => {
      await durable("start", ctx.run.id, name, ctx.run.attempt);
      ran = true;
      await work?.();
      return randomUUID();
    });
    if (ran) note("acknowledged", ctx.run.id, name, ctx.run.attempt, value);
    return value;
  }

  async function order(request, ctx) {
    const { number } = await request.json();
    const emit = () => ctx.emit("order.done", { run: ctx.run.id });
    const values = [await step(ctx, "reserve"), await step(ctx, "charge")];
    await ctx.sleep("cooling-off", "2s");
    // Both ways to emit: with a step, and by itself.
    const inStep = number % 2 === 0;
    values.push(await step(ctx, "ship", inStep ? emit : undefined));
    if (!inStep) await emit();
    note("done", ctx.run.id, "-", ctx.run.attempt);
    return Response.json(values);
  }

  async function subscriber(request, ctx) {
    const { run } = await request.json();
    await step(ctx, "take");
    return Response.json({ run });
  }

  return { order, invoice: subscriber, notice: subscriber };
}
