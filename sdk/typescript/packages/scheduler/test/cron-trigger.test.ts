import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCronTrigger } from '@reactor/scheduler';

test('the triggers that the guide prints are declarations', () => {
  assert.deepEqual([
    createCronTrigger({ cron: "0 3 * * *", functionPath: "cleanup:cleanupOldMessages" }),
    createCronTrigger({ cron: "*/15 * * * *", functionPath: "presence:sweep" }),
  ], [
    { cron: '0 3 * * *', functionPath: 'cleanup:cleanupOldMessages' },
    { cron: '*/15 * * * *', functionPath: 'presence:sweep' },
  ]);
});

test('a time zone and a payload are kept', () => {
  assert.deepEqual(
    createCronTrigger({ cron: ' @daily ', functionPath: 'report', timezone: 'Europe/Berlin', payload: { day: [1, null] } }),
    { cron: '@daily', functionPath: 'report', timezone: 'Europe/Berlin', payload: { day: [1, null] } });
});

test('a wrong option is named', () => {
  const good = { cron: '0 3 * * *', functionPath: 'a:b' };
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ ...good, cron: '0 3 * *' }, /cron must have 5 fields.* got '0 3 \* \*'/],
    [{ ...good, cron: 3 }, /cron must have 5 fields.* got 3/],
    [{ ...good, cron: '0 3 * * $' }, /cron must have/],
    [{ ...good, functionPath: '' }, /functionPath must be .* got ''/],
    [{ ...good, functionPath: 'a b' }, /functionPath must be .* got 'a b'/],
    [{ cron: '0 3 * * *' }, /functionPath must be .* got undefined/],
    [{ ...good, timezone: 'Mars/Base' }, /timezone must be .* got 'Mars\/Base'/],
    [{ ...good, payload: 1n }, /payload cannot be JSON/],
    [{ ...good, payload: () => 1 }, /payload cannot be JSON: it is a function/],
    [{ ...good, function: 'x' }, /function is not an option; they are cron, functionPath, timezone, payload/],
  ];
  for (const [options, message] of wrong) assert.throws(() => createCronTrigger(options as never), (error: Error) => error instanceof TypeError && message.test(error.message), String(message));
});
