import { pathToFileURL } from 'node:url';
import { FatalError, invocationOf, RetryableError, type Invoke } from '@reactor/jobs-sdk/runtime';

/** A function's code, or why there is none. */
export type Entry = { invoke: Invoke } | { problem: Error };

/** Imports the function. Never rejects. */
export async function loadEntry(path: string): Promise<Entry> {
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(path).href) as { default?: unknown };
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    return { problem: new RetryableError(`the function could not be loaded: ${reason}`, { code: 'function_load_failed', cause }) };
  }
  try {
    return { invoke: invocationOf(exported(module) as never, 'default') };
  } catch {
    const found = module.default === undefined ? 'it has no default export' : `its default export is ${nameOf(module.default)}`;
    return { problem: new FatalError(
      `the function must export a function (request, ctx) or an object with fetch(request, env, ctx) as its default, and ${found}`,
      { code: 'function_invalid' }) };
  }
}

// A CommonJS bundle's `exports` is the default, and holds the one that was written.
function exported(module: { default?: unknown }): unknown {
  const { default: outer } = module;
  if (typeof outer !== 'object' || outer === null || typeof (outer as { fetch?: unknown }).fetch === 'function') return outer;
  return (outer as { default?: unknown }).default ?? outer;
}

function nameOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object without fetch' : `a ${typeof value}`;
}
