import { JobContext } from '@reactor/jobs-sdk';

interface OrderProcessed {
  orderId: string;
}

/** Started by the event: its payload is the event's. */
export default {
  async fetch(request: Request, env: { SHOP_URL: string }, ctx: JobContext): Promise<Response> {
    const { orderId } = (await request.json()) as OrderProcessed;

    const receipt = await ctx.step('send', async () => {
      const response = await fetch(`${env.SHOP_URL}/receipts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': orderId },
        body: JSON.stringify({ order: orderId }),
      });
      if (!response.ok) throw new Error(`the receipt was answered with ${response.status}`);
      return (await response.json()) as { to: string };
    });

    return Response.json({ orderId, to: receipt.to });
  },
};
