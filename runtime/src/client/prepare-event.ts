import type { EventBody } from '../codec/event-codec';
import type { JetStreamSession } from '../session/jetstream-session';
import { schemaOf } from '../subject/subject-schemas';
import { validatedEvent } from '../subject/validate-event';
import type { NatsJetStreamPubAck } from './pub-ack';
import {
  checkedPublish,
  hasHeaders,
  newMessageId,
  publishHeaders,
  type CheckedPublish,
  type PublishDefaults,
  type PublishOptions,
} from './publish-options';

/** The part of a session that publishing needs. */
export type PublishSession = Pick<JetStreamSession, 'codec' | 'open' | 'ready' | 'timeoutMs'>;

/** An event that is ready to be sent. It is kept small, because many may be queued. */
export interface PreparedEvent {
  readonly subject: string;
  readonly body: EventBody;
  /** Undefined for a random id, which is created when the event is sent. */
  readonly messageId: string | undefined;
  /** Undefined if the event has only its message id. */
  readonly headers: string | undefined;
  readonly options: CheckedPublish;
  readonly outcome: PublishOutcome;
}

/** Callbacks for the outcome of an event. Either `stored` or `failed` is called, once. */
export interface PublishOutcome {
  /** Header lines that telemetry adds. */
  readonly addedHeaders?: string | undefined;
  /** Called before each attempt after the first. */
  retrying?(attempt: number): void;
  stored(ack: NatsJetStreamPubAck): void;
  /** @param messageId undefined if nothing was sent */
  failed(error: unknown, messageId?: string): void;
}

/**
 * Checks an event and encodes it. Encodes synchronously, unless a serializer or a schema is
 * asynchronous.
 * @throws InvalidOptionError, UnserializableEventError, InvalidEventError
 */
export function prepareEvent(
  session: PublishSession,
  subject: string,
  event: unknown,
  given: PublishOptions,
  defaults: PublishDefaults,
  outcome: PublishOutcome,
): PreparedEvent | Promise<PreparedEvent> {
  const options = checkedPublish(given, defaults, session.timeoutMs);
  if (options.validate) return validated(session, subject, event, options, outcome);
  const body = session.codec.encode(subject, event);
  return body instanceof Promise
    ? body.then((written) => prepared(subject, written, options, outcome))
    : prepared(subject, body, options, outcome);
}

async function validated(
  session: PublishSession,
  subject: string,
  event: unknown,
  options: CheckedPublish,
  outcome: PublishOutcome,
): Promise<PreparedEvent> {
  const { codec } = session;
  const body = await codec.encode(subject, event);
  if (schemaOf(subject))
    await validatedEvent({ subject }, codec.asRead({ subject, headers: options.headers }, event, body));
  return prepared(subject, body, options, outcome);
}

function prepared(subject: string, body: EventBody, options: CheckedPublish, outcome: PublishOutcome): PreparedEvent {
  const { msgID } = options;
  if (!hasHeaders(options)) return { subject, body, messageId: msgID, headers: undefined, options, outcome };
  const messageId = msgID ?? newMessageId();
  return { subject, body, messageId, headers: publishHeaders(options, messageId), options, outcome };
}
