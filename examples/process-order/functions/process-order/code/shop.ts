import { FatalError } from '@reactor/jobs-sdk';

export interface Order {
  id: string;
  customer: string;
  cents: number;
}

const shop = process.env.SHOP_URL;

/** The order of the payload. What is wrong with the payload itself is fatal: no further attempt would mend it. */
export async function validateOrder(payload: unknown): Promise<Order> {
  const { orderId } = (payload ?? {}) as { orderId?: unknown };
  if (typeof orderId !== 'string') throw new FatalError('the payload has no orderId');
  const response = await fetch(`${shop}/orders/${encodeURIComponent(orderId)}`);
  if (response.status === 404) throw new FatalError(`there is no order ${orderId}`);
  if (!response.ok) throw new Error(`the shop answered ${response.status}`);
  return (await response.json()) as Order;
}

/**
 * Takes the money. A step's effect may happen more than once, as when the answer to the first try is lost on its way; the order's id is
 * the key by which the shop knows that it was asked before.
 */
export async function chargeCustomer(order: Order): Promise<{ at: string }> {
  const response = await fetch(`${shop}/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': order.id },
    body: JSON.stringify({ order: order.id, cents: order.cents }),
  });
  if (!response.ok) throw new Error(`the payment was answered with ${response.status}: ${await response.text()}`);
  return (await response.json()) as { at: string };
}
