import type { MsgHdrs } from '@nats-io/transport-node';
import { InvalidOptionError } from '../errors/configuration.errors';

/**
 * Writes events; Nest's `Serializer` has this shape. It gets the event itself, since a stored
 * message has no envelope.
 */
export interface EventSerializer {
  /**
   * The bytes of an event, or their text. What it throws refuses the event
   * (`UNSERIALIZABLE_EVENT`).
   */
  serialize(event: unknown, options: { subject: string }): Uint8Array | string | Promise<Uint8Array | string>;
}

/**
 * Reads events; Nest's `Deserializer` has this shape. What it returns, or resolves to, is the
 * handler's event.
 */
export interface EventDeserializer {
  /**
   * The event of these bytes, or a promise of it. What it throws makes a dead letter
   * (`UNDECODABLE_EVENT`).
   */
  deserialize(data: Uint8Array, options: { subject: string; headers: MsgHdrs | undefined }): unknown;
}

/** How events are written and read. */
export interface Codec {
  /**
   * Writes events instead of `JSON.stringify`; a `Uint8Array` passes by it. Default: JSON; of a
   * subject: the module's.
   */
  serializer?: EventSerializer;
  /**
   * Reads events instead of `JSON.parse`; what it throws makes a dead letter at once. Default:
   * JSON; of a subject: the module's.
   */
  deserializer?: EventDeserializer;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function assertCodec({ serializer, deserializer }: Codec, path = ''): void {
  assertMethod(`${path}serializer`, serializer, 'serialize', 'event, { subject }');
  assertMethod(`${path}deserializer`, deserializer, 'deserialize', 'data, { subject, headers }');
}

function assertMethod(option: string, given: unknown, method: string, parameters: string): void {
  if (given === undefined) return;
  if (typeof given === 'object' && given !== null && typeof Reflect.get(given, method) === 'function') return;
  throw new InvalidOptionError(option, given, `give an object with the method ${method}(${parameters})`);
}
