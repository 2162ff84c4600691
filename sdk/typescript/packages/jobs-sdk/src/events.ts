import type { Attempt } from './attempt.js';
import { FatalError, replayDiffers } from './errors.js';
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
    // The topic is journaled too: a call that comes in another place than before must not pass for the one that was there.
    if (entry === undefined) return attempt.journal.write({ key, output: topic, events: [event] }).then(() => undefined);
    if (entry.output !== topic) throw replayDiffers(`an event of '${String(entry.output)}'`, `emits '${topic}'`, 'ctx.emit');
    return undefined;
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
