import { isRecord } from '../shared/edit/json-file';
import type { Document } from './json';
import { SchemaModel } from './schema-model';

/** A channel of a document, for the comparison. */
export interface Channel {
  /** Key in the document, such as `order.:region.shipped`. */
  readonly id: string;
  readonly kind: 'event' | 'request' | 'reply';
  /** Pattern of its address, such as `order.*.shipped`. A reply has no address, but its key. */
  readonly pattern: string;
  readonly stream: string | undefined;
  /** Names of its messages. */
  readonly messages: string;
  /** Payload of a message. A union for several messages. */
  readonly schema: unknown;
  /** Handlers of the project that receive it. */
  readonly handlers: readonly string[];
}

/** A stream of the extension `x-jetstream-streams`. */
export interface StreamEntry {
  readonly subjects: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

const JSON_SCHEMA = /json/i;

/** Reads channels and streams of a document. Unknown parts are ignored. */
export class DocumentReader {
  readonly model: SchemaModel;

  constructor(private readonly document: Document) {
    this.model = new SchemaModel(document);
  }

  channels(): Channel[] {
    const handlers = this.handlersByChannel();
    return this.entries(this.document['channels']).map(([id, channel]) => {
      const { kind, stream } = this.model.resolve(channel['x-jetstream']);
      const messages = this.entries(channel['messages']);
      const payloads = messages.map(([, message]) => payloadOf(message));
      const address = typeof channel['address'] === 'string' ? channel['address'] : undefined;
      return {
        id,
        kind: kind === 'request' || kind === 'reply' ? kind : 'event',
        pattern: address?.replace(/\{[^{}.]*\}/g, '*') ?? id,
        stream: typeof stream === 'string' ? stream : undefined,
        messages: messages.map(([name]) => name).join(' | '),
        schema: payloads.length === 1 ? payloads[0] : { anyOf: payloads },
        handlers: handlers.get(channel) ?? [],
      };
    });
  }

  streams(): Map<string, StreamEntry> {
    const entries = this.entries(this.document['x-jetstream-streams']);
    return new Map(
      entries.map(([name, { subjects, ...options }]) => [
        name,
        { subjects: Array.isArray(subjects) ? subjects.map(String) : [], options },
      ]),
    );
  }

  private handlersByChannel(): Map<unknown, string[]> {
    const handlers = new Map<unknown, string[]>();
    for (const [name, operation] of this.entries(this.document['operations'])) {
      const { action, channel: target } = operation;
      if (action !== 'receive' || !isRecord(target) || typeof target['$ref'] !== 'string') continue;
      const channel = this.model.at(target['$ref']);
      const { handler, durable } = this.model.resolve(
        operation['x-jetstream-consumer'] ?? operation['x-jetstream-responder'],
      );
      const label = typeof handler === 'string' ? handler : name;
      const text = typeof durable === 'string' ? `${label} (${durable})` : label;
      handlers.set(channel, [...(handlers.get(channel) ?? []), text]);
    }
    return handlers;
  }

  private entries(value: unknown): [string, Record<string, unknown>][] {
    if (!isRecord(value)) return [];
    return Object.entries(value).map(([key, each]) => [key, this.model.resolve(each)]);
  }
}

/** Returns the schema of a payload. A schema of another language has one alternative: itself. */
function payloadOf({ payload }: Readonly<Record<string, unknown>>): unknown {
  if (!isRecord(payload) || typeof payload['schemaFormat'] !== 'string') return payload;
  return JSON_SCHEMA.test(payload['schemaFormat']) ? payload['schema'] : { not: payload };
}
