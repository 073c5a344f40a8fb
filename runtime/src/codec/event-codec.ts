import type { MsgHdrs } from '@nats-io/transport-node';
import { UndecodableEventError } from '../errors/event.errors';
import { UnserializableEventError } from '../errors/publish.errors';
import { assertCodec, type Codec, type EventDeserializer, type EventSerializer } from './codec';
import { decodeEvent, writeEvent } from './json-codec';
import { isThenable } from '../util/thenable';
import { SubjectCodecs, type SubjectCodec } from './subject-codecs';

/** An event as it was written: text is sent in UTF-8. */
export type EventBody = string | Uint8Array;

/**
 * What is known of a message besides its bytes. Read when it is needed only: text out of a frame
 * costs.
 */
export interface EventSource {
  readonly subject: string;
  readonly headers: MsgHdrs | undefined;
}

/** How the events of a module and of its subjects are written and read. */
export interface CodecOptions extends Codec {
  /**
   * Serializers and deserializers of some subjects, which take the place of the module's; of
   * several that match, the most specific one's. Patterns of which neither covers the other may not
   * overlap. Default: none.
   */
  codecs?: readonly SubjectCodec[];
}

/**
 * How the events of a module are written and read: JSON, or what its options say. Requests are
 * always JSON.
 */
export class EventCodec {
  private readonly ofModule: Codec;
  private readonly ofSubjects: SubjectCodecs;
  private readonly hasSubjectCodecs: boolean;

  /** @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`) */
  constructor({ serializer, deserializer, codecs = [] }: CodecOptions = {}) {
    this.ofModule = { ...(serializer && { serializer }), ...(deserializer && { deserializer }) };
    assertCodec(this.ofModule);
    this.ofSubjects = new SubjectCodecs(codecs);
    this.hasSubjectCodecs = codecs.length > 0;
  }

  /**
   * Text to be sent in UTF-8, or bytes; a promise of them where a serializer makes them.
   * @throws UnserializableEventError (`UNSERIALIZABLE_EVENT`)
   */
  encode(subject: string, event: unknown): EventBody | Promise<EventBody> {
    const ofSubject = this.hasSubjectCodecs ? this.ofSubjects.of(subject) : undefined;
    const serializer = ofSubject?.serializer ?? this.ofModule.serializer;
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
   * The event, or a promise of it where the deserializer takes its time. @throws
   * UndecodableEventError (`UNDECODABLE_EVENT`)
   */
  decode(source: EventSource, data: Uint8Array): unknown {
    const ofSubject = this.hasSubjectCodecs ? this.ofSubjects.of(source.subject) : undefined;
    const deserializer = ofSubject?.deserializer ?? this.ofModule.deserializer;
    return deserializer ? deserialize(deserializer, source, data) : decodeEvent(source, data);
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
