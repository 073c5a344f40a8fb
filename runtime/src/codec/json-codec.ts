import { types } from 'node:util';
import { UndecodableEventError } from '../errors/event.errors';
import { UnserializableEventError } from '../errors/publish.errors';
import { isThenable } from '../util/thenable';

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/**
 * An event as it is stored: JSON in UTF-8 without an envelope, so any client in any language reads
 * it. Bytes pass through.
 */
export function encodeEvent(subject: string, event: unknown): Uint8Array {
  const written = writeEvent(subject, event);
  return typeof written === 'string' ? encoder.encode(written) : written;
}

/**
 * As {@link encodeEvent}, while it is text yet: it becomes bytes together with the rest of its
 * frame.
 */
export function writeEvent(subject: string, event: unknown): string | Uint8Array {
  let json: string | undefined;
  try {
    if (event instanceof Uint8Array) return event;
    json = JSON.stringify(event);
    if (json === '{}' && isOpaque(event)) throw new TypeError(`JSON would be {}, without what is in it`);
  } catch (cause) {
    throw new UnserializableEventError(subject, event, cause);
  }
  if (json === undefined) throw new UnserializableEventError(subject, event);
  return json;
}

/** @throws UndecodableEventError (`UNDECODABLE_EVENT`) when the bytes are not JSON in UTF-8 */
export function decodeEvent(source: { readonly subject: string }, data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data));
  } catch (cause) {
    throw new UndecodableEventError(source.subject, cause);
  }
}

/**
 * What has content that JSON does not see: a promise that nobody awaited would be stored as an
 * empty event, and its value lost.
 */
function isOpaque(event: unknown): boolean {
  const { isMap, isSet, isWeakMap, isWeakSet, isAnyArrayBuffer, isNativeError, isRegExp } = types;
  const checks = [isMap, isSet, isWeakMap, isWeakSet, isAnyArrayBuffer, isNativeError, isRegExp, isThenable, isStream];
  return checks.some((check) => check(event));
}

function isStream(event: unknown): boolean {
  return event instanceof ReadableStream;
}
