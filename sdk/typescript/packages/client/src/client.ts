import { Jobs } from './jobs.js';
import { Transport, type ClientOptions } from './transport.js';

/** Whose requests these are. */
export interface ClientAuth {
  /** A service token, for all requests from now on. */
  setToken(token: string): void;
  /** The org's slug, for all requests from now on. */
  setOrg(org: string): void;
}

/** The API of one suite. */
export interface Client {
  readonly auth: ClientAuth;
  readonly jobs: Jobs;
}

/**
 * A client of the suite at a URL. It holds no connection, and asks nothing before it is used.
 * @throws TypeError naming the option that is wrong.
 */
export function createClient(options: ClientOptions): Client {
  const transport = new Transport(options);
  return {
    auth: {
      setToken: (token) => { transport.token = token; },
      setOrg: (org) => { transport.org = org; },
    },
    jobs: new Jobs(transport),
  };
}
