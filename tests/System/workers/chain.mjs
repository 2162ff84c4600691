import { serve } from "./serve.mjs";

/** Each link asks for the next one, shortly; the last one asks for one that is far off. */
serve({
  chain: async (request) => {
    const { link, of } = await request.json();
    const at = link < of ? "now" : "now addHours 1";
    return Response.json({ link, effects: [{ effect: "scheduleJob", definition: "chain", at, parameters: { link: link + 1, of } }] });
  },
});
