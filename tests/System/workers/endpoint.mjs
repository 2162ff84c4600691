import { createServer } from "node:http";
import { appendFileSync } from "node:fs";
import { createHttpHandler } from "../../../sdk/typescript/packages/jobs-sdk/dist/index.js";

process.stdin.on("end", () => process.exit(0)).resume();

const handle = createHttpHandler(async (request, ctx) => {
  const { sign } = await request.json();
  const count = (name) => appendFileSync(sign, `${name}\n`);
  const one = await ctx.step("one", async () => { count("one"); return 1; });
  await ctx.sleep("nap", "200ms");
  const two = await ctx.step("two", async () => { count("two"); return one + 1; });
  return Response.json({ two });
}, { suiteUrl: process.env.REACTOR_URL });

const server = createServer(async (incoming, outgoing) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const response = await handle(new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method, headers: incoming.headers, body: incoming.method === "POST" ? Buffer.concat(chunks) : undefined,
  }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
