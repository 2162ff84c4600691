import type { Page } from './json.js';
import { segment, type Transport } from './transport.js';

/** What starts a job by itself, with the fields of its kind. */
export type TriggerDefinition =
  /** The topic is matched exactly, case included. */
  | { kind: 'event'; topic: string }
  /** Each committed change of a row of the table. */
  | {
      kind: 'data';
      /** With its schema, or of `public`: `public.orders`. */
      table: string;
      /** What has to happen to a row; all three when left out. */
      events?: ('insert' | 'update' | 'delete')[];
      /** Only changes whose rows have these values in these columns. */
      when?: { old?: Record<string, unknown>; new?: Record<string, unknown> };
      /** As the suite's settings name it; `default` when left out. */
      database?: string;
    }
  | ({
      kind: 'cron';
      /** Of the IANA database; UTC when left out. */
      timezone?: string;
      payload?: unknown;
      misfire?: 'skip' | 'last' | 'all';
      misfireWindow?: string | number;
      overlap?: 'allow' | 'skip' | 'queue' | 'cancel_running';
      jitter?: string | number;
    } & (
      | {
          /** As in crontab. */
          schedule: string;
          /** The schedule begins with a field for seconds. */
          seconds?: boolean;
        }
      | {
          /** In English: `every 5 mins`, `at 5:00 pm on the last day of the month`. */
          text: string;
        }
    ));

export interface Trigger {
  id: string;
  jobId: string;
  kind: string;
  topic: string | null;
  /** Of a data trigger. */
  table?: string;
  createdAt: string;
}

/** What starts a job, besides a call. */
export class Triggers {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Adds a trigger; the same again is the one that is there. Once it resolves, nothing that happens is missed. */
  create(job: string, trigger: TriggerDefinition): Promise<Trigger> {
    return this.#transport.send('POST', pathOf(job), trigger);
  }

  list(job: string, page: Page = {}): Promise<Trigger[]> {
    return this.#transport.get(pathOf(job), { ...page });
  }

  delete(job: string, id: string): Promise<void> {
    return this.#transport.send('DELETE', `${pathOf(job)}/${segment(id)}`);
  }
}

const pathOf = (job: string): string => `/jobs/v1/_admin/jobs/${segment(job)}/triggers`;
