// Reads cases ({ text, from, count }, one JSON array) from standard input, and prints what @breejs/later makes of each, as one JSON array: where it
// refuses the text, that it throws, or its next times in milliseconds, as far as they are times at all.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// It measures "after" and "before" by the month and year in which it runs. In this month there are as many days, weeks and days of the year as ever.
const ASKED = Date.UTC(2020, 7, 15);
globalThis.Date = class extends Date {
  constructor(...time) {
    super(...(time.length ? time : [ASKED]));
  }
};

const later = createRequire(process.argv[2] + '/')('@breejs/later');

// It looks 1,000 steps far, and then takes where it stands for a time. What is found is asked for once more: a time is found at itself again.
let lostAt = Infinity;
const { compile } = later;
later.compile = (definition) => {
  const compiled = compile(definition);
  const { start } = compiled;
  compiled.start = (direction, from) => {
    const found = start(direction, from);
    if (found && Number(start(direction, found)) !== Number(found)) lostAt = Math.min(lostAt, Number(found));
    return found;
  };
  return compiled;
};

// A range from more to less leaves a list empty; of these periods the next one that an empty list asks for is no date, or the same moment again.
const noneWhenEmpty = ['s', 'm', 'h', 'dc'];
const hasEmpty = (schedule) => noneWhenEmpty.some((name) => schedule[name]?.length === 0);
const ascends = (schedule) => Object.values(schedule).every((values) => values.every((value, i) => i === 0 || values[i - 1] < value));

// Of some texts that never come, its search ends in an error.
const timesOf = (schedule, count, from) => {
  try {
    return (schedule.next(count, new Date(from)) || []).map(Number);
  } catch {
    return [Infinity];
  }
};

const read = ({ text, from, count }) => {
  try {
    const parsed = later.parse.text(text);
    if (parsed.error >= 0) return { refusedAt: parsed.error };
    const all = [...parsed.schedules, ...parsed.exceptions];
    if (all.some(hasEmpty)) return { empty: true };
    lostAt = Infinity;
    const times = timesOf(later.schedule(parsed), count, from);
    const sound = times.filter((time) => time < lostAt);
    return { times: sound, lost: sound.length < times.length, ascends: all.every(ascends) };
  } catch (error) {
    return { throws: String(error.message) };
  }
};

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(read)));
