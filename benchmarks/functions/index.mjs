// The deployed functions of the benchmarks. Each gives the time of its first line as its result: milliseconds of the wall clock, which the caller
// writes into the payload too. bun's hrtime begins with its process, so that it cannot be compared.
const now = () => performance.timeOrigin + performance.now();

export async function trivial() {
  return now();
}

export async function threeSteps(request, ctx) {
  const at = now();
  await request.json();
  const one = await ctx.step('one', () => 1);
  const two = await ctx.step('two', () => one + 1);
  await ctx.step('three', () => two + 1);
  return at;
}
