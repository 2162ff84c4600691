import { pathToFileURL } from 'node:url';
import { FatalError, invocationOf, RetryableError, type Invoke } from '@reactor/jobs-sdk/runtime';

const DEFAULT = 'default';

/** What of a function can be run. */
export type Invocation = { invoke: Invoke } | { problem: Error };

/** A function's code, or why there is none. */
export type Entry = { handlers: (name: string) => Invocation } | { problem: Error };

/** Imports the function. Never rejects. */
export async function loadEntry(path: string): Promise<Entry> {
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(path).href) as Record<string, unknown>;
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    return { problem: new RetryableError(`the function could not be loaded: ${reason}`, { code: 'function_load_failed', cause }) };
  }
  // Whatever is in it, a module that has only other exports can be run by those.
  const plain = invocation(module, DEFAULT);
  if ('problem' in plain && !Object.keys(module).some((name) => name !== DEFAULT && 'invoke' in invocation(module, name))) return plain;
  return { handlers: (name) => invocation(module, name) };
}

/** The export that a handler names: what comes after the function's name, or the default one. */
export function exportIn(handler: string, name: string): string {
  return handler.startsWith(`${name}:`) ? handler.slice(name.length + 1) : DEFAULT;
}

function invocation(module: Record<string, unknown>, name: string): Invocation {
  const value = Object.hasOwn(module, name) ? name === DEFAULT ? exported(module) : module[name] : undefined;
  try {
    return { invoke: invocationOf(value as never, name) };
  } catch {
    const what = name === DEFAULT ? 'default export' : `export ${name}`;
    const found = value === undefined ? `it has no ${what}` : `its ${what} is ${nameOf(value)}`;
    return { problem: new FatalError(
      `the function must export a function (request, ctx) or an object with fetch(request, env, ctx) as its ${what}, and ${found}`,
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
