import type { NatsConnection } from '@nats-io/transport-node';
import { parseAckSubject } from '../message/ack-subject';

/** What a consumer said of a message last. */
export interface Settlement {
  readonly verb: 'ack' | 'nak' | 'term';
  readonly deliveries: number;
  /** What it gave as its reason, for `term`. */
  readonly reason: string;
}

const ACKNOWLEDGEMENTS = '$JS.ACK.>';
const DELETED_STREAM = '$JS.EVENT.ADVISORY.STREAM.DELETED';

/**
 * Listens to every acknowledgement on its way to the server. The server itself only tells how far a consumer is (its ack
 * floor), not whether a message was acknowledged or given up, nor about one that is ahead of others.
 */
export class Settlements {
  private readonly byConsumer = new Map<string, Map<number, Settlement>>();

  constructor(connection: NatsConnection) {
    connection.subscribe(ACKNOWLEDGEMENTS, {
      callback: (_error, message) => this.add(message.subject, message.string()),
    });
    // A stream of the same name begins with sequence 1 again.
    connection.subscribe(`${DELETED_STREAM}.*`, {
      callback: (_error, { subject }) => this.forget(subject.slice(DELETED_STREAM.length + 1)),
    });
  }

  of(stream: string, consumer: string): ReadonlyMap<number, Settlement> {
    return this.byConsumer.get(`${stream}.${consumer}`) ?? new Map();
  }

  private add(reply: string, text: string): void {
    const [, verb, reason = ''] = /^(\S*)\s*([^]*)$/.exec(text) ?? [];
    const kind = verbOf(verb ?? '');
    if (!kind) return;
    const { stream, consumer, streamSequence, deliveryCount } = parseAckSubject(reply);
    const settlements = this.byConsumer.get(`${stream}.${consumer}`) ?? new Map<number, Settlement>();
    this.byConsumer.set(`${stream}.${consumer}`, settlements);
    const earlier = settlements.get(streamSequence);
    // The server takes the first final word, too.
    if (earlier && earlier.verb !== 'nak') return;
    settlements.set(streamSequence, { verb: kind, deliveries: deliveryCount, reason });
  }

  private forget(stream: string): void {
    for (const key of this.byConsumer.keys()) if (key.startsWith(`${stream}.`)) this.byConsumer.delete(key);
  }
}

/** Undefined for what settles nothing, such as `+WPI`. */
function verbOf(text: string): Settlement['verb'] | undefined {
  if (text === '' || text === '+ACK' || text === '+OK' || text.startsWith('+NXT')) return 'ack';
  if (text === '-NAK') return 'nak';
  return text === '+TERM' ? 'term' : undefined;
}
