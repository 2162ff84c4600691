import type { Attempt } from './attempt.js';
import { FatalError } from './errors.js';
import type { EmittedEvent, Json } from './frames.js';
import { NotJsonError, toJson } from './json.js';
import { scopeOf } from './scope.js';

/** `ctx.emit`: with the step it is called in, or as a journal entry of its own. */
export function emit(attempt: Attempt, topic: string, payload: unknown): Promise<void> {
  return attempt.call(`emit('${topic}')`, () => {
    const event = eventOf(topic, payload);
    const scope = scopeOf(attempt);
    if (scope !== undefined) {
      (scope.events ??= []).push(event);
      return undefined;
    }
    const { key, entry } = attempt.journal.next('emit');
    return entry === undefined ? attempt.journal.write({ key, events: [event] }).then(() => undefined) : undefined;
  });
}

function eventOf(topic: string, payload: unknown): EmittedEvent {
  if (typeof topic !== 'string' || topic === '')
    throw new FatalError(`an event's topic must be a text that is not empty, got ${String(topic) || "''"}`, { code: 'topic_invalid' });
  let json: Json;
  try {
    json = toJson(payload);
  } catch (problem) {
    if (!(problem instanceof NotJsonError)) throw problem;
    throw new FatalError(`the payload of event '${topic}' cannot be sent as JSON: ${problem.message}`, { code: 'payload_not_json', cause: problem });
  }
  return { topic, payload: json };
}
