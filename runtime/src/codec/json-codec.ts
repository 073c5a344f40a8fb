import { UndecodableEventError } from '../errors/event.errors';
import { UnserializableEventError } from '../errors/publish.errors';

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** An event as it is stored: JSON in UTF-8 without an envelope, so any client in any language reads it. Bytes pass through. */
export function encodeEvent(subject: string, event: unknown): Uint8Array {
  if (event instanceof Uint8Array) return event;
  let json: string | undefined;
  try {
    json = JSON.stringify(event);
  } catch (cause) {
    throw new UnserializableEventError(subject, event, cause);
  }
  if (json === undefined) throw new UnserializableEventError(subject, event);
  return encoder.encode(json);
}

/** @throws UndecodableEventError (`UNDECODABLE_EVENT`) when the bytes are not JSON in UTF-8 */
export function decodeEvent(source: { readonly subject: string }, data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data));
  } catch (cause) {
    throw new UndecodableEventError(source.subject, cause);
  }
}
