import type { MsgHdrs } from '@nats-io/transport-node';
import { InvalidOptionError } from '../errors/configuration.errors';

/**
 * Serializes events. It has the shape of Nest's `Serializer`, but receives the event itself,
 * because stored messages have no envelope.
 */
export interface EventSerializer {
  /**
   * Returns the event as bytes or text. If it throws, the event is not published
   * (`UNSERIALIZABLE_EVENT`).
   */
  serialize(event: unknown, options: { subject: string }): Uint8Array | string | Promise<Uint8Array | string>;
}

/**
 * Deserializes events. It has the shape of Nest's `Deserializer`. Its result is the event of the
 * handler.
 */
export interface EventDeserializer {
  /**
   * Returns the event, or a promise of it. If it throws, the message is dead-lettered
   * (`UNDECODABLE_EVENT`).
   */
  deserialize(data: Uint8Array, options: { subject: string; headers: MsgHdrs | undefined }): unknown;
}

/** Serializer and deserializer of events. */
export interface Codec {
  /**
   * Serializer to use instead of `JSON.stringify`. It is not called for a `Uint8Array`. Default:
   * JSON. For a subject, the one of the module.
   */
  serializer?: EventSerializer;
  /**
   * Deserializer to use instead of `JSON.parse`. If it throws, the message is dead-lettered
   * immediately. Default: JSON. For a subject, the one of the module.
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
  throw new InvalidOptionError(option, given, `pass an object with the method ${method}(${parameters})`);
}
