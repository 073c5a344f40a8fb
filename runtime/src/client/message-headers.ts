import { headers as emptyHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { InvalidOptionError } from '../errors/configuration.errors';

/** Headers of a message: an object of strings or arrays of strings, or nats.js `MsgHdrs`. */
export type MessageHeaders = MsgHdrs | Readonly<Record<string, string | readonly string[]>>;

const ILLEGAL_NAME = /[^!-9;-~]/;
const VALUE_REMEDY = 'pass a string, or an array of strings';
const LINE_BREAK = /[\r\n]/;

/**
 * Merges headers into a copy. nats.js writes the message id to its headers, so the caller's next
 * message would be dropped as a duplicate.
 * @throws InvalidOptionError (`INVALID_OPTION`) for an invalid name or value, and for headers of
 * the server
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

/** Returns a header of the last source that has it. Compares the names without case. */
export function headerOf(sources: readonly (MessageHeaders | undefined)[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  let value: string | undefined;
  for (const source of sources) {
    if (typeof source !== 'object') continue;
    for (const [known, values] of entriesOf(source)) if (known.toLowerCase() === wanted) value = values[0] ?? value;
  }
  return value;
}

function entriesOf(source: MessageHeaders): [string, readonly string[]][] {
  if (typeof source !== 'object')
    throw new InvalidOptionError('headers', source, 'pass an object of names and strings');
  return isNatsHeaders(source)
    ? [...source]
    : Object.entries(source).map(([name, value]) => [name, typeof value === 'string' ? [value] : arrayOf(name, value)]);
}

function isNatsHeaders(source: MessageHeaders): source is MsgHdrs {
  return Symbol.iterator in source;
}

function arrayOf(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value;
  throw new InvalidOptionError(`headers.${name}`, value, VALUE_REMEDY);
}

function assertName(name: string, values: readonly string[]): void {
  if (name === '' || ILLEGAL_NAME.test(name))
    throw InvalidOptionError.of(
      `'headers' cannot contain the name ${JSON.stringify(name)}. ` +
        'Use visible ASCII characters, without a colon or a space.',
      name,
    );
  if (/^nats-/i.test(name))
    throw new InvalidOptionError(`headers.${name}`, values.length === 1 ? values[0] : values, remedyFor(name));
}

function assertValue(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new InvalidOptionError(`headers.${name}`, value, VALUE_REMEDY);
  if (LINE_BREAK.test(value))
    throw new InvalidOptionError(`headers.${name}`, value, 'a value cannot contain line breaks. Encode it first');
}

function remedyFor(name: string): string {
  return /^nats-incr$/i.test(name)
    ? 'this client does not support counters. Use the connection of unwrap()'
    : "headers that begin with 'Nats-' control the server. Use the options msgID, expect, ttl, schedule or rollup instead";
}
