import type { DeliveryInfo } from '@nats-io/jetstream';

const V1_TOKENS = 9;
const V2_TOKENS = 11;
const DOT = 46;
const ZERO = 48;

/** What of a delivery is asked for with every message. */
export type DeliveryNumbers = Pick<DeliveryInfo, 'deliveryCount' | 'streamSequence' | 'deliverySequence'>;

/**
 * What the server wrote into a message's reply subject (ADR-15):
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<ns>.<pending>`, or with `<domain>.<account>` before
 * the stream and a token at the end, which newer servers send.
 */
export function parseAckSubject(reply: string): DeliveryInfo {
  const tokens = reply.split('.');
  const at = tokens.length === V1_TOKENS ? 0 : 2;
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || (at === 2 && tokens.length < V2_TOKENS)) {
    throw new TypeError(`'${reply}' is no acknowledgement subject of JetStream.`);
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

/** Reads the numbers of one consumer's messages: all that comes before them is the same in each, and need not be taken apart. */
export class DeliveryReader {
  private prefix = '';

  read(reply: string): DeliveryNumbers {
    if (this.prefix === '' || !reply.startsWith(this.prefix)) this.prefix = prefixOf(reply);
    let at = this.prefix.length;
    const next = (): number => {
      let value = 0;
      for (let code = reply.charCodeAt(at); code !== DOT && at < reply.length; code = reply.charCodeAt(++at))
        value = value * 10 + code - ZERO;
      at++;
      return value;
    };
    return { deliveryCount: next(), streamSequence: next(), deliverySequence: next() };
  }
}

/** What comes before the number of deliveries. @throws TypeError as {@link parseAckSubject} */
function prefixOf(reply: string): string {
  parseAckSubject(reply);
  const tokens = reply.split('.');
  const before = tokens.length === V1_TOKENS ? 4 : 6;
  return `${tokens.slice(0, before).join('.')}.`;
}
