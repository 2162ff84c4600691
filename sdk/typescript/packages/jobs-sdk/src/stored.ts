type AnyFunction = (...args: never[]) => unknown;

/**
 * The type of a value after it went through JSON, which is what a step gives back on its first run and on every replay:
 * `undefined` is null, a `Date` (or anything with `toJSON`) is what `toJSON` gives, methods are gone.
 */
export type Stored<T> =
  0 extends 1 & T ? T
  : unknown extends T ? unknown
  : T extends string | number | boolean | null ? T
  : T extends undefined | void ? null
  : T extends { toJSON(...args: never[]): infer R } ? Stored<R>
  : T extends readonly unknown[] ? { -readonly [I in keyof T]: Stored<T[I]> }
  : T extends object ? { [K in keyof T as T[K] extends AnyFunction ? never : K]: StoredMember<T[K]> }
  : never;

// A member that is undefined is left out of its object, where a bare undefined is stored as null.
type StoredMember<T> = T extends undefined ? undefined : Stored<T>;
