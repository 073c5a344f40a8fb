import { headers as emptyHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { InvalidOptionError } from '../errors/configuration.errors';

/**
 * Headers of a message: plain text values by name, several values as a list, or nats.js `MsgHdrs`.
 */
export type MessageHeaders = MsgHdrs | Readonly<Record<string, string | readonly string[]>>;

const ILLEGAL_NAME = /[^!-9;-~]/;
const LINE_BREAK = /[\r\n]/;

/**
 * A copy, because nats.js writes the message id and more to the headers that it is given: the
 * caller's next message would be dropped as a duplicate.
 * @throws InvalidOptionError (`INVALID_OPTION`) for a name or value that cannot be sent, and for
 * the server's own headers.
 */
export function copyHeaders(...sources: readonly (MessageHeaders | undefined)[]): MsgHdrs {
  const copy = emptyHeaders();
  for (const source of sources) {
    for (const [name, values] of source ? entriesOf(source) : []) {
      assertName(name, values);
      copy.delete(name);
      for (const value of values) {
        assertValue(name, value);
        copy.append(name, value);
      }
    }
  }
  return copy;
}

/** Headers as they are on the wire. */
export function headerText(headers: MsgHdrs): string {
  let text = 'NATS/1.0\r\n';
  for (const [name, values] of headers) for (const value of values) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

/** Header block of an event that has only a message id. */
export function messageIdText(messageId: string): string {
  return `NATS/1.0\r\nNats-Msg-Id: ${messageId}\r\n\r\n`;
}

function entriesOf(source: MessageHeaders): [string, readonly string[]][] {
  if (typeof source !== 'object')
    throw new InvalidOptionError('headers', source, 'give an object of names and text values');
  return isNatsHeaders(source)
    ? [...source]
    : Object.entries(source).map(([name, value]) => [name, typeof value === 'string' ? [value] : listOf(name, value)]);
}

function isNatsHeaders(source: MessageHeaders): source is MsgHdrs {
  return Symbol.iterator in source;
}

function listOf(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value;
  throw new InvalidOptionError(`headers.${name}`, value, 'a value is text, or a list of texts');
}

function assertName(name: string, values: readonly string[]): void {
  if (name === '' || ILLEGAL_NAME.test(name))
    throw new InvalidOptionError(
      'headers',
      name,
      'a name has visible ASCII characters only, without a colon or a space',
    );
  if (/^nats-/i.test(name))
    throw new InvalidOptionError(`headers.${name}`, values.length === 1 ? values[0] : values, remedyFor(name));
}

function assertValue(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string')
    throw new InvalidOptionError(`headers.${name}`, value, 'a value is text, or a list of texts');
  if (LINE_BREAK.test(value))
    throw new InvalidOptionError(`headers.${name}`, value, 'a value has no line breaks; encode it first');
}

function remedyFor(name: string): string {
  return /^nats-incr$/i.test(name)
    ? 'counters cannot be published with this client; use the connection of unwrap()'
    : "headers that begin with 'Nats-' steer the server: use the options msgID, expect, ttl, schedule or rollup instead";
}
