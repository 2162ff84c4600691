/** A value that survives JSON unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Options of {@link createCronTrigger}. */
export interface CronTriggerOptions {
  /** As in crontab: minute, hour, day of month, month, day of week; or `@hourly` and the like. */
  cron: string;
  /** A job's name, or `namespace:function`. */
  functionPath: string;
  /** A zone of the IANA database. Default: UTC. */
  timezone?: string;
  /** What each run gets. Default: null. */
  payload?: Json;
}

/** What `export const triggers` of a function holds. */
export interface CronTrigger extends Readonly<CronTriggerOptions> {}

const FIELDS = 5;
const FIELD = /^[\dA-Za-z*,/?#-]+$/;
const MACRO = /^@[a-z]+$/i;
const PATH = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
const KNOWN = ['cron', 'functionPath', 'timezone', 'payload'];

/**
 * Declares a cron trigger. What only the suite can know, such as whether the function is there, is found out when the code is deployed.
 * @throws TypeError naming the option that is wrong
 */
export function createCronTrigger(options: CronTriggerOptions): CronTrigger {
  if (typeof options !== 'object' || options === null) throw new TypeError('createCronTrigger takes an object with cron and functionPath');
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name)) throw new TypeError(`createCronTrigger: ${name} is not an option; they are ${KNOWN.join(', ')}`);
  }
  const { cron, functionPath, timezone, payload } = options;
  if (typeof cron !== 'string' || !isCron(cron.trim()))
    throw new TypeError(`createCronTrigger: cron must have ${FIELDS} fields as in crontab, such as '0 3 * * *', or be a name such as @hourly, got ${shown(cron)}`);
  if (typeof functionPath !== 'string' || !PATH.test(functionPath))
    throw new TypeError(`createCronTrigger: functionPath must be a job's name or 'namespace:function', got ${shown(functionPath)}`);
  if (timezone !== undefined && !isZone(timezone))
    throw new TypeError(`createCronTrigger: timezone must be a zone of the IANA database, such as Europe/Berlin, got ${shown(timezone)}`);
  return {
    cron: cron.trim(), functionPath, ...(timezone !== undefined && { timezone }), ...(payload !== undefined && { payload: jsonOf(payload) }),
  };
}

function isCron(text: string): boolean {
  const fields = text.split(/\s+/);
  return MACRO.test(text) || (fields.length === FIELDS && fields.every((field) => FIELD.test(field)));
}

function isZone(zone: unknown): boolean {
  if (typeof zone !== 'string' || zone === '') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function jsonOf(payload: unknown): Json {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    throw new TypeError(`createCronTrigger: payload cannot be JSON: ${(cause as Error).message}`, { cause });
  }
  if (text === undefined) throw new TypeError(`createCronTrigger: payload cannot be JSON: it is a ${typeof payload}`);
  return JSON.parse(text) as Json;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
