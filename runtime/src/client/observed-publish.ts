import type { MsgHdrs } from '@nats-io/transport-node';
import type { StreamRegistry } from '../stream/stream-registry';
import type { ActivePublish, ActiveTelemetry, AddedHeaders } from '../telemetry/active-telemetry';
import type { TelemetryPublish } from '../telemetry/telemetry';
import { headerOf, type MessageHeaders } from './message-headers';
import type { NatsJetStreamPubAck } from './pub-ack';
import type { PublishOutcome } from './prepare-event';

/** An event, a batch or a redriven message, and the headers that its caller has set. */
type ObservedPublish = Omit<TelemetryPublish, 'service' | 'header'> & {
  readonly headers: readonly (MessageHeaders | undefined)[];
};

/** Callbacks of an event or a batch whose PubAck has the type `Ack`. */
interface OutcomeOf<Ack> extends Pick<PublishOutcome, 'failed'> {
  stored(ack: Ack): void;
}

type ObservedOutcome<Ack> = OutcomeOf<Ack> & Pick<PublishOutcome, 'addedHeaders' | 'retrying'>;

/** Reports a publish to the telemetry, and returns callbacks that report its outcome too. */
export function observedOutcome<Ack extends NatsJetStreamPubAck>(
  telemetry: ActiveTelemetry,
  { headers, ...publish }: ObservedPublish,
  outcome: OutcomeOf<Ack>,
): ObservedOutcome<Ack> {
  const header = (name: string): string | undefined => headerOf(headers, name);
  const observers = telemetry.publishing({ ...publish, service: telemetry.service, header });
  if (!observers) return outcome;
  return {
    addedHeaders: textOf(observers.headers),
    retrying: (attempt) => observers.retrying(attempt),
    stored: (ack) => {
      observers.stored(ack);
      outcome.stored(ack);
    },
    failed: (error, messageId) => {
      observers.failed(error);
      outcome.failed(error, messageId);
    },
  };
}

/**
 * Reports to the telemetry that a dead letter is published to its original subject, and replaces
 * the context headers of its message.
 */
export function observedRedrive(
  telemetry: ActiveTelemetry,
  streams: StreamRegistry,
  subject: string,
  messageId: string,
  headers: MsgHdrs,
): ActivePublish | undefined {
  if (!telemetry.isActive) return undefined;
  const observers = telemetry.publishing({
    service: telemetry.service,
    kind: 'redrive',
    subject,
    pattern: streams.eventPatternOf(subject),
    count: 1,
    messageId,
    header: (name) => headerOf([headers], name),
  });
  if (observers) setHeaders(headers, observers.headers);
  return observers;
}

/** Sets headers of telemetry, and replaces those with the same name in any case. */
export function setHeaders(headers: MsgHdrs, added: AddedHeaders): void {
  for (const [name, value] of added) {
    for (const known of headers.keys()) if (known.toLowerCase() === name.toLowerCase()) headers.delete(known);
    if (value !== '') headers.set(name, value);
  }
}

function textOf(headers: AddedHeaders): string | undefined {
  let text = '';
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return text === '' ? undefined : text;
}
