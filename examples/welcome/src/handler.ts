import type { JobContext } from "@reactor/jobs-sdk";

interface Signup {
  name: string;
}

/** Three durable steps and an event. Each step's output is stored before the next one starts; after a crash the run goes on where it was. */
export default {
  async fetch(request: Request, _env: Env, ctx: JobContext): Promise<Response> {
    const { name } = (await request.json()) as Signup;

    const account = await ctx.step("create-account", async () => ({ id: `acc_${ctx.run.id.slice(-6).toLowerCase()}`, name }));
    const letter = await ctx.step("write-letter", async () => `Dear ${account.name}, welcome aboard. Your account is ${account.id}.`);
    const sent = await ctx.step("send-letter", async () => ({ characters: letter.length, attempt: ctx.run.attempt }));

    await ctx.emit("customer.welcomed", { account: account.id });
    return Response.json({ account, letter, sent });
  },
};
