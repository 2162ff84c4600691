import { FatalError, JobContext, type Duration } from '@reactor/jobs-sdk';
import { sendFollowUp, sendWelcomeEmail, type User } from './mail';

interface Signup extends User {
  /** How long to leave the user alone after the welcome: a day, unless the payload says otherwise. */
  coolingOff?: Duration;
}

export default {
  async fetch(request: Request, _env: unknown, ctx: JobContext): Promise<Response> {
    const user = (await request.json()) as Signup;
    if (!user?.email) throw new FatalError('the payload has no email');

    const welcome = await ctx.step('send-welcome', async () => sendWelcomeEmail(user, ctx.log));
    await ctx.sleep('cooling-off', user.coolingOff ?? '24h');
    const followUp = await ctx.step('follow-up', async () => sendFollowUp(user, ctx.log));

    return Response.json({ mails: [welcome, followUp] });
  },
};
