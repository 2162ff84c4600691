import { type JobContext } from '@reactor/jobs-sdk';

export interface User {
  name: string;
  email: string;
}

interface Mail {
  to: string;
  subject: string;
  sentAt: string;
}

export const sendWelcomeEmail = (user: User, outbox: JobContext['log']): Mail => send(outbox, user, `Welcome, ${user.name}!`);

export const sendFollowUp = (user: User, outbox: JobContext['log']): Mail => send(outbox, user, `How is it going, ${user.name}?`);

/** There is no mail server here: a mail is a line of the run's log. */
function send(outbox: JobContext['log'], user: User, subject: string): Mail {
  outbox.info(`mail to ${user.email}: ${subject}`);
  return { to: user.email, subject, sentAt: new Date().toISOString() };
}
