import { fetchOrders, RateLimited, storeReport, UnknownOrg } from "./orders";

interface JobPayload {
  org_id: string;
  report_type: "daily" | "weekly";
}

const DAY = 86_400_000;

export default async function handler(req: Request): Promise<Response> {
  const payload = (await req.json()) as JobPayload;
  const since = new Date(Date.now() - (payload.report_type === "weekly" ? 7 : 1) * DAY).toISOString();

  try {
    const orders = await fetchOrders(payload.org_id, since);

    const summary = {
      total_orders: orders.length,
      revenue: orders.reduce((sum, o) => sum + o.total, 0),
      completed: orders.filter((o) => o.status === "completed").length,
    };
    await storeReport(payload.org_id, payload.report_type, summary);

    console.log(`Report generated for org ${payload.org_id}:`, summary);
    return Response.json({ ok: true, summary });
  } catch (err) {
    // Tried again, by the job's backoff.
    if (err instanceof RateLimited) return Response.json({ error: err.message }, { status: 503 });
    // Fatal: no further attempt would change the answer.
    if (err instanceof UnknownOrg) return Response.json({ error: err.message }, { status: 422 });
    throw err;
  }
}
