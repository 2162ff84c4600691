// Reads every file that standard input names, one per line, with smol-toml, and prints what it found as one JSON object: what kind each value is
// stays visible, so that 1, 1.0 and "1" are three things.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { parse } = await import(pathToFileURL(createRequire(process.argv[2] + '/').resolve('smol-toml')).href);

const bits = (number) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return Number.isNaN(number) ? 'nan' : view.getBigUint64(0).toString(16).padStart(16, '0');
};

const form = (time) => (time.isDate() ? 'LocalDate' : time.isTime() ? 'LocalTime' : time.isLocal() ? 'LocalDateTime' : 'OffsetDateTime');

const shown = (value) =>
  typeof value === 'bigint' ? { integer: value.toString() }
  : typeof value === 'number' ? { float: bits(value) }
  : typeof value === 'string' ? { string: value }
  : typeof value === 'boolean' ? { boolean: value }
  : value instanceof Date ? { [form(value)]: value.toISOString() }
  : Array.isArray(value) ? { array: value.map(shown) }
  : { table: Object.keys(value).sort().map((key) => [key, shown(value[key])]) };

const read = (file) => {
  try {
    return { value: shown(parse(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)), { integersAsBigInt: true })) };
  } catch (error) {
    return { refused: String(error.message).split('\n')[0] };
  }
};

const files = readFileSync(0, 'utf8').split('\n').filter((line) => line);
process.stdout.write(JSON.stringify(Object.fromEntries(files.map((file) => [file, read(file)]))));
