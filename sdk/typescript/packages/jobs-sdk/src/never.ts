/**
 * What user code gets from an attempt that is over: the code stops at its await and is collected with the promise.
 * A new one each time: a shared promise would keep every handler that ever awaited it.
 */
export function never(): Promise<never> {
  return new Promise<never>(() => {});
}
