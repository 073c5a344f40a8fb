import type { MsgHdrs } from '@nats-io/transport-node';
import { InvalidOptionError } from '../errors/configuration.errors';
import { UndecodableEventError } from '../errors/event.errors';
import { UnserializableEventError } from '../errors/publish.errors';
import { decodeEvent, encodeEvent } from './json-codec';

/** Writes events; Nest's `Serializer` has this shape. It gets the event itself, since a stored message has no envelope. */
export interface EventSerializer {
  serialize(event: unknown, options: { subject: string }): Uint8Array | string | Promise<Uint8Array | string>;
}

/** Reads events; Nest's `Deserializer` has this shape. What it returns, or resolves to, is the handler's event. */
export interface EventDeserializer {
  deserialize(data: Uint8Array, options: { subject: string; headers: MsgHdrs | undefined }): unknown;
}

export interface CodecOptions {
  /** Writes the events of this module instead of `JSON.stringify`; a `Uint8Array` passes by it. Default: JSON. */
  serializer?: EventSerializer;
  /** Reads the events of this module instead of `JSON.parse`; what it throws makes a dead letter at once. Default: JSON. */
  deserializer?: EventDeserializer;
}

/** How the events of a module are written and read: JSON, or what its options say. Requests are always JSON. */
export class EventCodec {
  private readonly encoder = new TextEncoder();
  private readonly serializer: EventSerializer | undefined;
  private readonly deserializer: EventDeserializer | undefined;

  /** @throws InvalidOptionError (`INVALID_OPTION`) */
  constructor({ serializer, deserializer }: CodecOptions = {}) {
    assertMethod('serializer', serializer, 'serialize', 'event, { subject }');
    assertMethod('deserializer', deserializer, 'deserialize', 'data, { subject, headers }');
    this.serializer = serializer;
    this.deserializer = deserializer;
  }

  /** @throws UnserializableEventError (`UNSERIALIZABLE_EVENT`) */
  async encode(subject: string, event: unknown): Promise<Uint8Array> {
    if (!this.serializer || event instanceof Uint8Array) return encodeEvent(subject, event);
    try {
      const written: unknown = await this.serializer.serialize(event, { subject });
      if (written instanceof Uint8Array) return written;
      if (typeof written === 'string') return this.encoder.encode(written);
      throw new TypeError(`it returned ${typeof written}, neither text nor a Uint8Array`);
    } catch (cause) {
      throw new UnserializableEventError(subject, event, cause, 'by the serializer');
    }
  }

  /** The event, or a promise of it where the deserializer takes its time. @throws UndecodableEventError (`UNDECODABLE_EVENT`) */
  decode(subject: string, data: Uint8Array, headers: MsgHdrs | undefined): unknown {
    if (!this.deserializer) return decodeEvent(subject, data);
    const refuse = (cause: unknown): never => {
      throw new UndecodableEventError(subject, cause, 'deserializer');
    };
    try {
      const event = this.deserializer.deserialize(data, { subject, headers });
      return isThenable(event) ? Promise.resolve(event).catch(refuse) : event;
    } catch (cause) {
      return refuse(cause);
    }
  }
}

/** Also a promise of another library, or of another realm. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function assertMethod(option: string, given: unknown, method: string, parameters: string): void {
  if (given === undefined) return;
  if (typeof given === 'object' && given !== null && typeof Reflect.get(given, method) === 'function') return;
  throw new InvalidOptionError(option, given, `give an object with the method ${method}(${parameters})`);
}
