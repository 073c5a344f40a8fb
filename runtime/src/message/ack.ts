import type { DeliveryInfo } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { atEndOfTurn } from '../connection/end-of-turn';
import { frameSink, type FrameSink } from '../connection/frame-sink';

const V1_TOKENS = 9;
const V2_TOKENS = 11;
const DOT = 46;
const ZERO = 48;

/** Numbers of a delivery that are read for every message. */
export type DeliveryNumbers = Pick<DeliveryInfo, 'deliveryCount' | 'streamSequence' | 'deliverySequence'>;

/**
 * Parses the reply subject of a message (ADR-15):
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<ns>.<pending>`. Newer
 * servers add `<domain>.<account>` before the stream and one more token at the end.
 */
export function parseAckSubject(reply: string): DeliveryInfo {
  const tokens = reply.split('.');
  const at = tokens.length === V1_TOKENS ? 0 : 2;
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || (at === 2 && tokens.length < V2_TOKENS)) {
    throw new TypeError(`'${reply}' is not a JetStream acknowledgement subject.`);
  }
  const number = (index: number): number => Number(tokens[at + index]);
  const domain = at === 0 || tokens[2] === '_' ? '' : (tokens[2] ?? '');
  const deliveryCount = number(4);
  return {
    domain,
    account_hash: at === 0 ? '' : (tokens[3] ?? ''),
    stream: tokens[at + 2] ?? '',
    consumer: tokens[at + 3] ?? '',
    deliveryCount,
    redelivered: deliveryCount > 1,
    streamSequence: number(5),
    deliverySequence: number(6),
    timestampNanos: number(7),
    pending: number(8),
  };
}

/**
 * Reads the numbers of the messages of one consumer. Their reply subjects share a prefix, which is
 * parsed only once.
 */
export class DeliveryReader {
  private prefix = '';
  /** Position of the next number in the reply subject. */
  private at = 0;

  read(reply: string): DeliveryNumbers {
    if (this.prefix === '' || !reply.startsWith(this.prefix)) this.prefix = prefixOf(reply);
    this.at = this.prefix.length;
    return { deliveryCount: this.next(reply), streamSequence: this.next(reply), deliverySequence: this.next(reply) };
  }

  private next(reply: string): number {
    let { at } = this;
    let value = 0;
    for (let code = reply.charCodeAt(at); code !== DOT && at < reply.length; code = reply.charCodeAt(++at))
      value = value * 10 + code - ZERO;
    this.at = at + 1;
    return value;
  }
}

/**
 * Returns the tokens before the number of deliveries. @throws TypeError as {@link parseAckSubject}
 */
function prefixOf(reply: string): string {
  parseAckSubject(reply);
  const tokens = reply.split('.');
  const before = tokens.length === V1_TOKENS ? 4 : 6;
  return `${tokens.slice(0, before).join('.')}.`;
}

const encoder = new TextEncoder();
export const ACK = encoder.encode('+ACK');

/**
 * Writes all acknowledgements of one turn of the event loop at once. Sent one by one through
 * nats.js, they would cost more than the rest of the processing of a message.
 */
export class AckWriter {
  private readonly sink: FrameSink | undefined;
  private frames = '';

  constructor(private readonly connection: NatsConnection) {
    this.sink = frameSink(connection);
  }

  /** @throws ClosedConnectionError, DrainingConnectionError (nats.js) */
  write(message: Msg): void {
    const { connection, sink } = this;
    const { reply } = message;
    // A draining connection only accepts frames that are written at once. A closed one throws.
    if (!sink || !reply || connection.isClosed() || connection.isDraining()) {
      this.flush();
      message.respond(ACK);
      return;
    }
    if (this.frames === '') atEndOfTurn(this.flush);
    this.frames += `PUB ${reply} ${ACK.length}\r\n+ACK\r\n`;
  }

  private readonly flush = (): void => {
    const { frames } = this;
    this.frames = '';
    if (frames !== '' && !this.connection.isClosed()) this.sink?.sendCommand(encoder.encode(frames));
  };
}
