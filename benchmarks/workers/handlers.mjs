// The jobs of the benchmarks. A payload's `at` is the caller's CLOCK_MONOTONIC in milliseconds, the clock that hrtime reads: one machine, one clock.
const now = () => Number(process.hrtime.bigint()) / 1e6;

let notes = [];
let left = 0;
let reached = () => {};

export const notebook = {
  expect(runs, then) {
    [notes, left, reached] = [[], runs, then];
  },
  notes: () => notes,
};

function ended() {
  if (--left === 0) reached();
}

const NAP_MS = 10_000;

export const handlers = {
  async trivial(request) {
    const at = now();
    notes.push(at - (await request.json()).at);
    ended();
    return null;
  },

  async 'three-steps'(request, ctx) {
    const at = now();
    notes.push(at - (await request.json()).at);
    const one = await ctx.step('one', () => 1);
    const two = await ctx.step('two', () => one + 1);
    const three = await ctx.step('three', () => two + 1);
    ended();
    return three;
  },

  // When it goes on after its nap, by the clock that due times are in.
  async nap(_request, ctx) {
    await ctx.sleep('nap', NAP_MS);
    const at = performance.timeOrigin + performance.now();
    ended();
    return { at };
  },

  async sleeper(_request, ctx) {
    ended();
    await ctx.sleep('long', '1h');
    return null;
  },
};
