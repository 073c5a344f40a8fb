import { SchematicError, invalidOption } from '../shared/errors';
import type { EventDocumentation } from '../shared/event/options';
import type { StreamEntries } from '../shared/stream/stream-settings';
import { covers, streamSubject } from '../shared/subject/subject';
import { parseEventSubject, type ParsedSubject } from '../shared/subject/parsed-subject';
import { isReservedWord } from '../shared/template/render';
import { camelCase } from '../shared/naming/words';
import { comment } from '../shared/template/comment';
import { describedOptions } from './described-options';
import { own, type AsyncApiDocument, type Fields } from './document';
import { descriptionOf, fieldsOfSchema } from './schema-type';

/** An event of the document that can be declared. */
export interface ImportedEvent {
  readonly channel: string;
  readonly subject: ParsedSubject;
  /** Fields in TypeScript, with comments. */
  readonly type: string;
  readonly documentation: EventDocumentation;
  /** Fields that are typed `unknown`, with the reason. */
  readonly unknown: readonly string[];
  /** Parts of the schema that have no type. */
  readonly ignored: readonly string[];
}

/** A stream that the document describes. */
export interface ImportedStream {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly options: StreamEntries;
  /** Options of the document that no generator knows. */
  readonly ignored: readonly string[];
}

/** A channel that cannot be imported, with the reason. */
export interface SkippedChannel {
  readonly channel: string;
  readonly reason: string;
}

/** A stream that cannot be imported, with the reason. */
export interface SkippedStream {
  readonly stream: string;
  readonly reason: string;
}

/** The parts of a document that become code. */
export interface ImportPlan {
  readonly events: readonly ImportedEvent[];
  readonly streams: readonly ImportedStream[];
  readonly skipped: readonly SkippedChannel[];
  readonly skippedStreams: readonly SkippedStream[];
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
const STREAM_NAME = /^(?=.*[A-Za-z0-9])[A-Za-z0-9_-]+$/;
const JSON_SCHEMA = /^application\/(?:vnd\.aai\.asyncapi|schema)\b/i;

/**
 * Plans the import of channels, by their ids or addresses. Without a list, plans all.
 * @param isEventless plans streams without events, too
 * @throws SchematicError (`INVALID_DOCUMENT`, `INVALID_OPTION`, `NOTHING_TO_IMPORT`)
 */
export function planImport(document: AsyncApiDocument, chosen: readonly string[], isEventless = false): ImportPlan {
  const channels = document.entries('channels');
  if (channels.length === 0 && !isEventless)
    throw new SchematicError('NOTHING_TO_IMPORT', `${document.path} has no channels. Add a channel for each event.`);
  const isChosen = ([id, channel]: [string, Fields]): boolean =>
    chosen.includes(id) || chosen.includes(String(own(channel, 'address')));
  const unknown = chosen.find(
    (each) => !channels.some(([id, channel]) => each === id || each === own(channel, 'address')),
  );
  if (unknown !== undefined) {
    const known = channels.map(([id]) => id).join(', ');
    throw invalidOption('channel', unknown, `is not in ${document.path}. Known channels: ${known}.`);
  }
  const requests = requestChannels(document);
  const selected = channels.filter((entry) => chosen.length === 0 || isChosen(entry));
  const read = withoutDuplicates(selected.map(([id, channel]) => readChannel(document, id, channel, requests)));
  const events = read.flatMap((each) => ('subject' in each ? [each] : []));
  const skipped = read.flatMap((each) => ('reason' in each ? [each] : []));
  if (events.length === 0 && !isEventless) throw nothingToImport(document.path, skipped);
  const isUsed = (subjects: readonly string[]): boolean =>
    isEventless || events.some(({ subject }) => subjects.some((each) => covers(each, subject.pattern)));
  const streams = document
    .entries('x-jetstream-streams')
    .flatMap(([name, stream]) => readStream(name, stream, isUsed) ?? []);
  return {
    events,
    streams: streams.flatMap((each) => ('name' in each ? [each] : [])),
    skipped,
    skippedStreams: streams.flatMap((each) => ('reason' in each ? [each] : [])),
  };
}

export function nothingToImport(path: string, skipped: readonly SkippedChannel[]): SchematicError {
  const reasons = skipped.map(({ channel, reason }) => `\n- ${channel}: ${reason}`).join('');
  return new SchematicError('NOTHING_TO_IMPORT', `${path} has no channel that can be imported.${reasons}`);
}

/** Skips channels that match the same subjects as an earlier one, such as `a.{x}` after `a.{y}`. */
function withoutDuplicates(read: readonly (ImportedEvent | SkippedChannel)[]): (ImportedEvent | SkippedChannel)[] {
  const first = new Map<string, string>();
  return read.map((each) => {
    if ('reason' in each) return each;
    const { pattern } = each.subject;
    const other = first.get(pattern);
    first.set(pattern, other ?? each.channel);
    if (other === undefined) return each;
    return { channel: each.channel, reason: `It matches the same subjects as channel ${other}. Merge the channels.` };
  });
}

/** Returns the channels of requests and replies, which no stream stores. */
function requestChannels(document: AsyncApiDocument): ReadonlySet<Fields | undefined> {
  const operations = document.entries('operations').map(([, operation]) => operation);
  return new Set(
    operations.flatMap((operation) => {
      const reply = document.fieldsOf(own(operation, 'reply'));
      if (!reply) return [];
      return [document.fieldsOf(own(operation, 'channel')), document.fieldsOf(own(reply, 'channel'))];
    }),
  );
}

function readChannel(
  document: AsyncApiDocument,
  id: string,
  channel: Fields,
  requests: ReadonlySet<Fields | undefined>,
): ImportedEvent | SkippedChannel {
  const skipped = (reason: string): SkippedChannel => ({ channel: id, reason });
  if (requests.has(channel))
    return skipped('It belongs to a request. Generate it with npx nest-jetstream generate request.');
  const address = own(channel, 'address');
  if (typeof address !== 'string' || address === '') return skipped('It has no address. Add the subject.');
  if (address.includes('/')) return skipped(`Its address '${address}' has '/'. Write the subject with dots.`);
  let subject: ParsedSubject;
  try {
    subject = parseEventSubject(templateOf(address), 'channel');
  } catch (error) {
    if (error instanceof SchematicError) return skipped(error.message);
    throw error;
  }
  if (isReservedWord(camelCase(subject.name)))
    return skipped(`Its name '${subject.name}' is a reserved word of TypeScript. Use a subject of several words.`);
  const messages = document.entries('channels', id, 'messages');
  const [first, ...others] = messages;
  if (!first) return skipped('It has no message. Add the event.');
  if (others.length > 0) return skipped(`It has ${messages.length} messages. Give each event a subject of its own.`);
  const content = payloadOf(document, first[1]);
  if ('reason' in content) return skipped(content.reason);
  const fields = fieldsOfSchema(document, content.payload);
  if (!fields) return skipped('Its payload is not one JSON object with fields. Declare the event by hand.');
  if (fields.fields.some(({ name }) => name === '__proto__'))
    return skipped('Its payload has the field __proto__, which objects cannot store. Rename the field.');
  return {
    channel: id,
    subject,
    type: fields.fields.map(({ text, documentation }) => comment(documentation) + text).join('\n'),
    documentation: {
      subject: descriptionOf(channel),
      type: descriptionOf(document.fieldsOf(content.payload)),
    },
    unknown: fields.unknown,
    ignored: fields.ignored,
  };
}

/** Returns `order.:region.shipped` for `order.{region}.shipped`. */
function templateOf(address: string): string {
  return address
    .split('.')
    .map((token) => token.replace(/^\{(.+)\}$/, ':$1'))
    .join('.');
}

function payloadOf(document: AsyncApiDocument, message: Fields): { payload: unknown } | { reason: string } {
  const contentType = own(message, 'contentType');
  if (typeof contentType === 'string' && !JSON_TYPE.test(contentType))
    return { reason: `Its content type is ${contentType}, but events are JSON.` };
  const payload = own(message, 'payload');
  const format = document.fieldsOf(payload);
  const schemaFormat = format && own(format, 'schemaFormat');
  if (typeof schemaFormat !== 'string') return { payload };
  if (!JSON_SCHEMA.test(schemaFormat)) return { reason: `Its schema format is ${schemaFormat}, but not JSON Schema.` };
  return { payload: format && own(format, 'schema') };
}

/** Returns a stream of the document, if its subjects are used. */
function readStream(
  name: string,
  stream: Fields,
  isUsed: (subjects: readonly string[]) => boolean,
): ImportedStream | SkippedStream | undefined {
  const listed = own(stream, 'subjects');
  try {
    const subjects = (Array.isArray(listed) ? listed : []).map((subject) => streamSubject(String(subject)));
    if (!isUsed(subjects)) return undefined;
    if (!STREAM_NAME.test(name))
      return { stream: name, reason: "Its name must be letters, digits, '-' and '_'. Rename the stream." };
    const { entries, ignored } = describedOptions(stream);
    return { name, subjects, options: entries, ignored };
  } catch (error) {
    if (error instanceof SchematicError) return { stream: name, reason: error.message };
    throw error;
  }
}
