import { isUint8Array } from 'node:util/types';
import { UndecodableEventError } from '../errors/event.errors';
import { UnserializableEventError } from '../errors/publish.errors';
import { lostContent } from './lost-content';

/**
 * JSON of values whose content `JSON.stringify` drops, such as a Map or a Float64Array. Most events
 * have none.
 */
const SUSPICIOUS = ['{}', '{"0":'];
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Returns the event as JSON text, without an envelope. Any client in any language can read it. The
 * text becomes bytes later, together with the rest of its frame. Bytes stay as they are.
 * @throws UnserializableEventError (`UNSERIALIZABLE_EVENT`)
 */
export function writeEvent(subject: string, event: unknown): string | Uint8Array {
  return isUint8Array(event) ? event : writeJson(subject, event);
}

/**
 * Returns a value as JSON text.
 * @throws UnserializableEventError (`UNSERIALIZABLE_EVENT`) if JSON cannot represent all of it
 */
export function writeJson(subject: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
    const lost = json !== undefined && SUSPICIOUS.some((text) => json?.includes(text)) ? lostContent(value) : undefined;
    if (lost !== undefined) throw new TypeError(`${lost}, which JSON cannot represent`);
  } catch (cause) {
    throw new UnserializableEventError(subject, value, cause);
  }
  if (json === undefined) throw new UnserializableEventError(subject, value);
  return json;
}

/**
 * Parses the bytes of an event.
 * @throws UndecodableEventError (`UNDECODABLE_EVENT`) if they are not JSON in UTF-8
 */
export function decodeEvent(source: { readonly subject: string }, data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data));
  } catch (cause) {
    throw new UndecodableEventError(source.subject, cause);
  }
}
