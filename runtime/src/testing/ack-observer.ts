import type { StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { parseAckSubject } from '../message/ack';
import { NANOS_PER_MILLI } from '../errors/duration-text';

/** Acknowledgement of a message by a consumer. */
export interface AckObservation {
  readonly verb: 'ack' | 'nak' | 'term';
  readonly deliveries: number;
  /** Reason of a `term`. */
  readonly reason: string;
}

interface TimedObservation extends AckObservation {
  /**
   * Time at which the message was stored. A deleted stream of the same name may have had the same
   * sequence.
   */
  readonly storedAtNanos: number;
}

const ACKNOWLEDGEMENTS = '$JS.ACK.>';

/**
 * Subscribes to all acknowledgements on their way to the server. The server reports only the ack
 * floor of a consumer. It does not report whether a message was acknowledged or terminated, or any
 * message above the floor.
 */
export class AckObserver {
  private readonly byConsumer = new Map<string, Map<number, TimedObservation>>();

  constructor(connection: NatsConnection) {
    connection.subscribe(ACKNOWLEDGEMENTS, {
      callback: (_error, message) => this.add(message.subject, message.string()),
    });
  }

  /**
   * Returns the acknowledgements of a stream by sequence, without those of a deleted stream of the
   * same name.
   */
  of({ config, created }: StreamInfo, consumer: string): [number, AckObservation][] {
    const seen = [...(this.byConsumer.get(`${config.name}.${consumer}`) ?? [])];
    // Messages of a mirror have the times of their origin.
    if (config.mirror) return seen;
    const createdNanos = Date.parse(created) * NANOS_PER_MILLI;
    return seen.filter(([, { storedAtNanos }]) => storedAtNanos >= createdNanos);
  }

  private add(reply: string, text: string): void {
    const [, verb, reason = ''] = /^(\S*)\s*([^]*)$/.exec(text) ?? [];
    const kind = verbOf(verb ?? '');
    if (!kind) return;
    const { stream, consumer, streamSequence, deliveryCount, timestampNanos } = parseAckSubject(reply);
    const observed = this.byConsumer.get(`${stream}.${consumer}`) ?? new Map<number, TimedObservation>();
    this.byConsumer.set(`${stream}.${consumer}`, observed);
    const earlier = observed.get(streamSequence);
    // The first final acknowledgement wins, as on the server.
    if (earlier && earlier.verb !== 'nak' && earlier.storedAtNanos === timestampNanos) return;
    observed.set(streamSequence, {
      verb: kind,
      deliveries: deliveryCount,
      reason,
      storedAtNanos: timestampNanos,
    });
  }
}

/** Returns undefined for a text that settles nothing, such as `+WPI`. */
function verbOf(text: string): AckObservation['verb'] | undefined {
  if (text === '' || text === '+ACK' || text === '+OK' || text.startsWith('+NXT')) return 'ack';
  if (text === '-NAK') return 'nak';
  return text === '+TERM' ? 'term' : undefined;
}
