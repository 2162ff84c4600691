import { serve } from "./serve.mjs";

/** Its result is what it was told of its trigger. */
await serve({ beat: async (_request, ctx) => Response.json(ctx.run.trigger) }, 50);
