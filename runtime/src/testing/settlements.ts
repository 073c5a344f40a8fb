import type { StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { parseAckSubject } from '../message/ack';
import { NANOS_PER_MILLI } from '../errors/duration-text';

/** What a consumer said of a message. */
export interface Settlement {
  readonly verb: 'ack' | 'nak' | 'term';
  readonly deliveries: number;
  /** What it gave as its reason, for `term`. */
  readonly reason: string;
}

interface SeenSettlement extends Settlement {
  /**
   * When its message was stored, which tells it from the same sequence of an earlier stream of that
   * name.
   */
  readonly storedAtNanos: number;
}

const ACKNOWLEDGEMENTS = '$JS.ACK.>';

/**
 * Listens to every acknowledgement on its way to the server. The server itself only tells how far a
 * consumer is (its ack floor), not whether a message was acknowledged or given up, nor about one
 * that is ahead of others.
 */
export class Settlements {
  private readonly byConsumer = new Map<string, Map<number, SeenSettlement>>();

  constructor(connection: NatsConnection) {
    connection.subscribe(ACKNOWLEDGEMENTS, {
      callback: (_error, message) => this.add(message.subject, message.string()),
    });
  }

  /**
   * By sequence, those of the stream itself: not of one of the same name that was deleted before.
   */
  of({ config, created }: StreamInfo, consumer: string): [number, Settlement][] {
    const seen = [...(this.byConsumer.get(`${config.name}.${consumer}`) ?? [])];
    // A mirror has the times of what it mirrors.
    if (config.mirror) return seen;
    const createdNanos = Date.parse(created) * NANOS_PER_MILLI;
    return seen.filter(([, { storedAtNanos }]) => storedAtNanos >= createdNanos);
  }

  private add(reply: string, text: string): void {
    const [, verb, reason = ''] = /^(\S*)\s*([^]*)$/.exec(text) ?? [];
    const kind = verbOf(verb ?? '');
    if (!kind) return;
    const { stream, consumer, streamSequence, deliveryCount, timestampNanos } = parseAckSubject(reply);
    const settlements = this.byConsumer.get(`${stream}.${consumer}`) ?? new Map<number, SeenSettlement>();
    this.byConsumer.set(`${stream}.${consumer}`, settlements);
    const earlier = settlements.get(streamSequence);
    // The server takes the first final word, too.
    if (earlier && earlier.verb !== 'nak' && earlier.storedAtNanos === timestampNanos) return;
    settlements.set(streamSequence, {
      verb: kind,
      deliveries: deliveryCount,
      reason,
      storedAtNanos: timestampNanos,
    });
  }
}

/** Undefined for what settles nothing, such as `+WPI`. */
function verbOf(text: string): Settlement['verb'] | undefined {
  if (text === '' || text === '+ACK' || text === '+OK' || text.startsWith('+NXT')) return 'ack';
  if (text === '-NAK') return 'nak';
  return text === '+TERM' ? 'term' : undefined;
}
