import { covers } from '../shared/subject/subject';
import { compareSchemas, type Direction, type SchemaChange } from './compare-schemas';
import type { Document } from './json';
import { DocumentReader, type Channel, type StreamEntry } from './document-channels';

/** Sides that must be able to read each other's messages. */
export type Mode = 'full' | Direction | 'none';

/** A change of the contract. */
export interface ContractChange {
  /** Name of the change for `jetstream.allowBreaking`, such as `order.created#/amount`. */
  readonly id: string;
  /** Subject, or name of a stream. */
  readonly subject: string;
  readonly message: string;
  /** JSON pointer in the message, or an option of a stream. */
  readonly path: string;
  readonly text: string;
  readonly breaks: readonly Direction[];
  /** `break` fails the check, unless it is `allowed`. */
  readonly level: 'break' | 'allowed' | 'warn';
  /** The affected side and the remedy. */
  readonly effect: string;
}

export interface CompareOptions {
  readonly mode: Mode;
  /** Changes that may break, by their ids. */
  readonly allowed?: readonly string[];
}

type Change = Omit<ContractChange, 'id' | 'level'>;

/** Options of a stream that the server does not change. */
const FIXED_OPTIONS = ['retention', 'storage'];
const DEFAULTS: Readonly<Record<string, string>> = { retention: 'limits', storage: 'file' };
const NOT_STORED = 'The server no longer stores its events. Keep the subject, or declare another stream for it.';
const KEPT = 'Startup fails, because an existing stream keeps it. Declare a new stream.';
const BOTH: readonly Direction[] = ['backward', 'forward'];

/** Compares two documents. Channels are matched by address, so the names of types do not matter. */
export function compareDocuments(previous: Document, current: Document, options: CompareOptions): ContractChange[] {
  const [before, after] = [new DocumentReader(previous), new DocumentReader(current)];
  const [channels, present] = [before.channels(), after.channels()];
  const streams = before.streams();
  const changes = [
    ...channels.flatMap((channel) => {
      const counterpart = counterpartOf(channel, channels, present);
      return counterpart
        ? messageChanges(channel, counterpart, before, after, streams)
        : [removedChannel(channel, present)];
    }),
    ...streamChanges(streams, after.streams()),
  ];
  return changes.map((change) => leveled(change, options));
}

function leveled(change: Change, { mode, allowed = [] }: CompareOptions): ContractChange {
  const id = `${change.subject}#${change.path}`;
  const breaks = change.breaks.some((direction) => mode === 'full' || mode === direction);
  const isAllowed = allowed.includes(id) || allowed.includes(change.subject);
  return { ...change, id, level: !breaks ? 'warn' : isAllowed ? 'allowed' : 'break' };
}

/**
 * Returns the channel that replaces one, or a union of several. They have the same subjects, or
 * more of them.
 */
function counterpartOf(
  channel: Channel,
  previous: readonly Channel[],
  present: readonly Channel[],
): Channel | undefined {
  const ofKind = present.filter(({ kind }) => kind === channel.kind);
  const same = ofKind.filter(({ pattern }) => pattern === channel.pattern);
  const own = same.find(({ id }) => id === channel.id);
  if (own) return own;
  const renamed = same.filter(({ id }) => !previous.some((each) => each.id === id));
  const wider = ofKind.filter(({ pattern }) => covers(pattern, channel.pattern));
  const [first, ...others] = [renamed, same, wider].find(({ length }) => length > 0) ?? [];
  if (!first || others.length === 0) return first;
  const all = [first, ...others];
  return {
    ...first,
    id: all.map(({ id }) => id).join(' | '),
    messages: all.map(({ messages }) => messages).join(' | '),
    schema: { anyOf: all.map(({ schema }) => schema) },
  };
}

function removedChannel({ id, pattern, messages, kind }: Channel, present: readonly Channel[]): Change {
  const narrowed = present.filter((each) => each.kind === kind && covers(pattern, each.pattern)).map((each) => each.id);
  const other = present.find((each) => each.pattern === pattern);
  const text =
    narrowed.length > 0 ? `narrowed to ${narrowed.join(', ')}` : other ? `${kind} → ${other.kind}` : 'removed';
  const effect =
    kind === 'event'
      ? 'Stored messages and instances of the previous version still use the subject. Keep it until they are gone'
      : 'Instances of the previous version still use the subject. Keep it until they are gone';
  return { subject: id, message: messages, path: '', text, breaks: BOTH, effect: `${effect}.` };
}

function messageChanges(
  channel: Channel,
  counterpart: Channel,
  before: DocumentReader,
  after: DocumentReader,
  streams: ReadonlyMap<string, StreamEntry>,
): Change[] {
  const changes = compareSchemas(
    { model: before.model, schema: channel.schema },
    { model: after.model, schema: counterpart.schema },
  );
  return changes.map(({ path, text, breaks, kind }) => ({
    subject: counterpart.id,
    message: counterpart.messages,
    path,
    text,
    breaks,
    effect: effectOf({ breaks, kind }, channel, streams),
  }));
}

/** Returns the sides that a change breaks, and the remedy. */
function effectOf(
  { breaks, kind }: Pick<SchemaChange, 'breaks' | 'kind'>,
  channel: Channel,
  streams: ReadonlyMap<string, StreamEntry>,
): string {
  if (breaks.length === 0) return 'Handlers no longer receive it. If it was renamed, publish both for a while.';
  const sides = [
    ...(breaks.includes('backward') ? [`${writersOf(channel, streams)} ${OLD_WRITERS[kind]}`] : []),
    ...(breaks.includes('forward') ? [`${readersOf(channel)} ${OLD_READERS[kind]}`] : []),
  ];
  return `${sides.join('. ')}. ${remedyOf(kind, breaks, channel)}.`;
}

const OLD_WRITERS: Readonly<Record<SchemaChange['kind'], string>> = {
  added: 'do not have it',
  nowRequired: 'may not have it',
  removed: 'still have it',
  nowOptional: 'have it',
  type: 'have the previous type',
};
const OLD_READERS: Readonly<Record<SchemaChange['kind'], string>> = {
  added: 'refuse it',
  nowRequired: 'do not expect it',
  removed: 'still read it',
  nowOptional: 'read it without a check',
  type: 'expect the previous type',
};

function remedyOf(kind: SchemaChange['kind'], breaks: readonly Direction[], channel: Channel): string {
  const other = channel.kind === 'event' ? 'publish a new subject' : 'declare a new request';
  switch (kind) {
    case 'added':
    case 'nowRequired':
      return 'Make it optional';
    case 'removed':
      return 'Deploy handlers that do not read it first, then allow this change';
    case 'nowOptional':
      return 'Deploy handlers that expect its absence first, then allow this change';
    case 'type':
      break;
  }
  if (!breaks.includes('backward')) return 'Deploy handlers that accept both types first, then allow this change';
  return `Add a property with the new type, or ${other}`;
}

function writersOf({ kind, stream }: Channel, streams: ReadonlyMap<string, StreamEntry>): string {
  if (kind === 'request') return 'Requests of the previous version';
  if (kind === 'reply') return 'Replies of the previous version';
  const maxAge = stream === undefined ? undefined : streams.get(stream)?.options['maxAge'];
  const age = typeof maxAge === 'string' ? ` (for ${maxAge})` : '';
  return stream === undefined ? 'Events of the previous version' : `Events in ${stream}${age}`;
}

function readersOf({ kind, handlers }: Channel): string {
  if (kind === 'reply') return 'Requesters of the previous version';
  return handlers.length === 0
    ? 'Handlers of other services'
    : `Instances of the previous version with ${handlers.join(', ')}`;
}

function streamChanges(before: ReadonlyMap<string, StreamEntry>, after: ReadonlyMap<string, StreamEntry>): Change[] {
  return [...before].flatMap(([name, previous]): Change[] => {
    const current = after.get(name);
    const changeOf = (path: string, text: string, effect: string): Change => {
      return { subject: name, message: 'stream', breaks: BOTH, path, text, effect };
    };
    if (!current)
      return [changeOf('', 'no longer declared', 'Its events are not stored by a new server. Keep its declaration.')];
    const narrowed = previous.subjects.filter((subject) => !current.subjects.some((each) => covers(each, subject)));
    const unknown = new Set([previous, current].flatMap(({ options }) => options['setAtRuntime']));
    const fixed = FIXED_OPTIONS.filter((option) => !unknown.has(option)).map((option) => ({
      option,
      old: textOf(previous.options[option] ?? DEFAULTS[option]),
      now: textOf(current.options[option] ?? DEFAULTS[option]),
    }));
    const changed = fixed.filter(({ old, now }) => old !== now);
    return narrowed
      .map((subject) => changeOf('/subjects', `'${subject}' no longer stored`, NOT_STORED))
      .concat(changed.map(({ option, old, now }) => changeOf(`/${option}`, `${old} → ${now}`, KEPT)));
  });
}

function textOf(option: unknown): string {
  return typeof option === 'string' ? option : JSON.stringify(option);
}
