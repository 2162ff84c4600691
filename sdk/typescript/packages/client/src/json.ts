export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What is asked for of a list. */
export interface Page {
  /** 1 to 500; the API's default is 50. */
  limit?: number;
  /** The id that the page before ended with. */
  cursor?: string;
}

// What belongs to the callers: its names are theirs.
const OPAQUE = new Set(['payload', 'result', 'output', 'detail', 'when']);

/** An answer with its fields in camelCase; what the callers' own JSON holds stays as it is. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [
    name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), OPAQUE.has(name) ? inner : camelCased(inner),
  ]));
}
