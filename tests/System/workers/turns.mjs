// One at a time: whose turn it was is in the ledger.
import { existsSync } from "node:fs";
import { note } from "./ledger.mjs";
import { serve } from "./serve.mjs";

await serve({
  turns: async (request, ctx) => {
    note("start", ctx.run.id, ctx.run.jobId);
    const { sign, ms } = (await request.json()) ?? {};
    // Holds the slot until the sign is there, or for a while.
    while (sign !== undefined && !existsSync(sign) && !ctx.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
    if (ms !== undefined) await new Promise((resolve) => setTimeout(resolve, ms));
    return Response.json(null);
  },
}, 1);
