import type { MsgHdrs } from '@nats-io/transport-node';
import { UndecodableEventError } from '../errors/event.errors';
import { UnserializableEventError } from '../errors/publish.errors';
import { assertCodec, type Codec, type EventDeserializer, type EventSerializer } from './codec';
import { decodeEvent, writeEvent } from './json-codec';
import { isThenable } from '../util/thenable';
import { SubjectCodecs, type SubjectCodec } from './subject-codecs';

/** A serialized event. Text is sent in UTF-8. */
export type EventBody = string | Uint8Array;

/** Subject and headers of a message. Getters, because reading text from a frame is expensive. */
export interface EventSource {
  readonly subject: string;
  readonly headers: MsgHdrs | undefined;
}

/** Codec options of a module. */
export interface CodecOptions extends Codec {
  /**
   * Serializers and deserializers of some subjects. They replace those of the module. If several
   * match, the most specific one is used. Patterns that overlap are allowed only if one covers the
   * other. Default: none.
   */
  codecs?: readonly SubjectCodec[];
}

/**
 * Encodes and decodes the events of a module, as JSON unless its options say otherwise. Requests
 * are always JSON.
 */
export class EventCodec {
  private readonly moduleCodec: Codec;
  private readonly subjectCodecs: SubjectCodecs;
  private readonly hasSubjectCodecs: boolean;

  /** @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`) */
  constructor({ serializer, deserializer, codecs = [] }: CodecOptions = {}) {
    this.moduleCodec = { ...(serializer && { serializer }), ...(deserializer && { deserializer }) };
    assertCodec(this.moduleCodec);
    this.subjectCodecs = new SubjectCodecs(codecs);
    this.hasSubjectCodecs = codecs.length > 0;
  }

  /**
   * Returns the event as text or bytes, or a promise of them if a serializer is used.
   * @throws UnserializableEventError (`UNSERIALIZABLE_EVENT`)
   */
  encode(subject: string, event: unknown): EventBody | Promise<EventBody> {
    const serializer = this.find('serializer', subject);
    return !serializer || event instanceof Uint8Array
      ? writeEvent(subject, event)
      : this.serialize(serializer, subject, event);
  }

  private async serialize(serializer: EventSerializer, subject: string, event: unknown): Promise<EventBody> {
    try {
      const written: unknown = await serializer.serialize(event, { subject });
      if (written instanceof Uint8Array || typeof written === 'string') return written;
      throw new TypeError(`it returned ${typeof written}, neither text nor a Uint8Array`);
    } catch (cause) {
      throw new UnserializableEventError(subject, event, cause, 'by the serializer');
    }
  }

  /**
   * Returns the event, or a promise of it if the deserializer is asynchronous.
   * @throws UndecodableEventError (`UNDECODABLE_EVENT`)
   */
  decode(source: EventSource, data: Uint8Array): unknown {
    const deserializer = this.find('deserializer', source.subject);
    return deserializer ? deserialize(deserializer, source, data) : decodeEvent(source, data);
  }

  /**
   * Returns an encoded event as a handler receives it, so that a Date is a string. A publisher may
   * have a serializer without its deserializer. Then it returns the event itself.
   * @throws UndecodableEventError (`UNDECODABLE_EVENT`)
   */
  asRead(source: EventSource, event: unknown, body: EventBody): unknown {
    const isWriteOnly = this.find('serializer', source.subject) && !this.find('deserializer', source.subject);
    if (isWriteOnly && !(event instanceof Uint8Array)) return event;
    return this.decode(source, typeof body === 'string' ? Buffer.from(body) : body);
  }

  private find<Part extends keyof Codec>(part: Part, subject: string): Codec[Part] {
    const own = this.hasSubjectCodecs ? this.subjectCodecs.find(subject)?.[part] : undefined;
    return own ?? this.moduleCodec[part];
  }
}

function deserialize(deserializer: EventDeserializer, { subject, headers }: EventSource, data: Uint8Array): unknown {
  const refuse = (cause: unknown): never => {
    throw new UndecodableEventError(subject, cause, 'deserializer');
  };
  try {
    const event = deserializer.deserialize(data, { subject, headers });
    return isThenable(event) ? Promise.resolve(event).catch(refuse) : event;
  } catch (cause) {
    return refuse(cause);
  }
}
