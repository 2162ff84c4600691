export interface Order {
  total: number;
  status: "completed" | "open" | "cancelled";
  created_at: string;
}

export class RateLimited extends Error {}
export class UnknownOrg extends Error {}

const url = process.env.ORDERS_URL;

/** The org's orders since a moment. */
export async function fetchOrders(orgId: string, since: string): Promise<Order[]> {
  const response = await fetch(`${url}/orgs/${encodeURIComponent(orgId)}/orders?since=${encodeURIComponent(since)}`);
  if (response.status === 429) throw new RateLimited("the orders are rate limited");
  if (response.status === 404) throw new UnknownOrg(`there is no org ${orgId}`);
  if (!response.ok) throw new Error(`the orders were answered with ${response.status}`);
  return (await response.json()) as Order[];
}

/** A PUT: without steps, a handler is done again from its start, and may only do what may be done again. */
export async function storeReport(orgId: string, type: string, summary: object): Promise<void> {
  const response = await fetch(`${url}/orgs/${encodeURIComponent(orgId)}/reports/${encodeURIComponent(type)}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(summary),
  });
  if (!response.ok) throw new Error(`the report was answered with ${response.status}`);
}
