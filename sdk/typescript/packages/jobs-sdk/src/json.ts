import type { Json } from './frames.js';

/** Arrays and objects inside each other; the suite's own limit, so that a deeper value is refused before it is sent. */
export const MAX_DEPTH = 64;

/** Why a value is not JSON, and where in it. */
export class NotJsonError extends Error {
  /** The place, as in `items[3].total`; empty for the value itself. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(path === '' ? `it is ${problem}` : `${path} is ${problem}`);
    this.name = 'NotJsonError';
    this.path = path;
  }
}

type Path = (string | number)[];

/**
 * A deep copy of what `JSON.parse(JSON.stringify(value))` gives, in one pass and without the losses that JSON.stringify hides:
 * `undefined` becomes null (a member that is undefined is left out), `toJSON` is honoured (a Date becomes its ISO string).
 * @throws NotJsonError for a BigInt, function, symbol, NaN, Infinity, Map, Set, Promise, a cycle, or more than 64 levels.
 */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'undefined':
      return null;
    case 'number':
      if (Number.isFinite(value)) return value + 0; // -0 is 0 in JSON
      break;
    case 'object':
      if (value === null) return null;
  }
  return copy(value, [], '');
}

function copy(value: unknown, path: Path, key: string): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value + 0;
      throw notJson(path, String(value));
    case 'undefined':
      return null;
    case 'bigint':
      throw notJson(path, 'a BigInt; send it as a string');
    case 'function':
      throw notJson(path, 'a function');
    case 'symbol':
      throw notJson(path, 'a symbol');
  }
  return value === null ? null : copyObject(value as object, path, key);
}

function copyObject(value: object, path: Path, key: string): Json {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') {
    const replaced: unknown = toJSON.call(value, key);
    // What toJSON gives is taken as it is, as JSON.stringify does: asked again, an object that returns itself would never end.
    return typeof replaced === 'object' && replaced !== null ? copyMembers(replaced, path) : copy(replaced, path, key);
  }
  return copyMembers(value, path);
}

function copyMembers(value: object, path: Path): Json {
  if (path.length >= MAX_DEPTH) throw tooDeep(value, path);
  if (Array.isArray(value)) {
    const items = new Array<Json>(value.length);
    for (let i = 0; i < value.length; i++) {
      path.push(i);
      items[i] = copy(value[i], path, String(i));
      path.pop();
    }
    return items;
  }
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return copy(value.valueOf(), path, '');
  if (value instanceof Map || value instanceof Set) {
    throw notJson(path, `a ${value.constructor.name}, which JSON would empty; make it an ${value instanceof Map ? 'object' : 'array'} first`);
  }
  if (value instanceof Promise) throw notJson(path, 'a Promise; await it first');

  const members: { [key: string]: Json } = {};
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    path.push(name);
    const copied = copy(member, path, name);
    path.pop();
    if (name === '__proto__') Object.defineProperty(members, name, { value: copied, enumerable: true, configurable: true, writable: true });
    else members[name] = copied;
  }
  return members;
}

// Cycles are looked for only here: every cycle is also too deep, so the common path pays nothing for them.
function tooDeep(value: object, path: Path): NotJsonError {
  const open = new Set<object>();
  const cleared = new Set<object>();
  const visit = (inner: unknown): boolean => {
    if (typeof inner !== 'object' || inner === null || cleared.has(inner)) return false;
    if (open.has(inner)) return true;
    open.add(inner);
    const found = Object.values(inner).some(visit);
    open.delete(inner);
    cleared.add(inner);
    return found;
  };
  let cyclic: boolean;
  try {
    cyclic = visit(value);
  } catch {
    cyclic = false; // deeper than the stack
  }
  return cyclic ? notJson(path.slice(0, 4), 'part of a cycle') : notJson(path.slice(0, 4), `nested deeper than ${MAX_DEPTH} levels`);
}

function notJson(path: Path, problem: string): NotJsonError {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : text === '' ? part : `.${part}`;
  return new NotJsonError(text, problem);
}
