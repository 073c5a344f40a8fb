import { withDeadline } from '../duration/deadline';
import { DeserializerTimeoutError } from '../errors/event.errors';
import type { JetStreamMessage } from './jetstream-message';

/**
 * The event, or a promise of it where the deserializer takes its time, for which it has `limitMs`; asked again, a deserializer that
 * was too slow begins anew.
 * @throws UndecodableEventError (`UNDECODABLE_EVENT`); the promise rejects with DeserializerTimeoutError (`DESERIALIZER_TIMEOUT`) too
 */
export function decodeWithin(message: JetStreamMessage, limitMs: number): unknown {
  const event = message.decode();
  if (!(event instanceof Promise)) return event;
  return withDeadline<unknown>(event, limitMs, () => {
    message.forgetEvent();
    return new DeserializerTimeoutError(message.subject, limitMs);
  });
}
