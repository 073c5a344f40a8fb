import { readJson, stringAt } from '../shared/edit/json-file';
import { covers } from '../shared/subject/subject';
import type { Tree } from '../shared/source/tree';
import { compare } from './definitions';
import { plainText } from './documentation';
import type { DeclaredStream } from './declarations';
import type { Documentation } from './json-schema';
import { pointerToken, type Document, type Json } from './json';
import type { Contract, ContractHandler, ContractSubject } from './read-contract';

/** Part of the key of a reply. A subject cannot have a space. */
const REPLY = ' reply';

/** Returns the AsyncAPI 3.0 document of a contract. It is the same whenever the contract is. */
export function toDocument(contract: Contract, info: Document): Document {
  const { subjects, streams, handlers, schemas } = contract;
  const channels = subjects.flatMap((subject) => channelsOf(subject, streams));
  const operations = [
    ...subjects.flatMap((subject) => sendOperations(subject, streams)),
    ...handlers.flatMap((handler) => receiveOperations(handler, subjects)),
  ];
  return {
    asyncapi: '3.0.0',
    info,
    defaultContentType: 'application/json',
    servers: {
      nats: { host: '127.0.0.1:4222', protocol: 'nats', description: 'Each environment has an address of its own.' },
    },
    channels: sortedByKey(channels),
    operations: sortedByKey(withUniqueNames(operations)),
    components: {
      messageTraits: { event: EVENT_TRAIT },
      ...(Object.keys(schemas).length === 0 ? {} : { schemas: schemas as unknown as Json }),
    },
    ...(streams.length === 0 ? {} : { 'x-jetstream-streams': sortedByKey(streams.map(streamEntry)) }),
  };
}

/** Returns title, version and description of a service, from its package. */
export function infoOf(tree: Tree, serviceName: string): Document {
  const manifest = readJson(tree, 'package.json');
  const description = plainText(stringAt(manifest, 'description') ?? '');
  return {
    title: serviceName,
    version: stringAt(manifest, 'version') ?? '0.0.0',
    ...(description === '' ? {} : { description }),
  };
}

/** Headers that the client adds to each event. */
const EVENT_TRAIT: Json = {
  headers: {
    type: 'object',
    properties: {
      'Nats-Msg-Id': { type: 'string', description: 'Id by which the stream discards duplicates.' },
      traceparent: { type: 'string', description: 'W3C trace context, if telemetry is set up.' },
    },
  },
};

function channelsOf(subject: ContractSubject, streams: readonly DeclaredStream[]): [string, Json][] {
  const { kind, text, pattern, name, documentation, schema, reply } = subject;
  const stream = kind === 'event' ? streamOf(subject, streams) : undefined;
  const parameters = parametersOf(text);
  const channel: Json = {
    address: addressOf(text),
    ...documented(documentation),
    messages: { [name]: message(name, schema as unknown as Json, kind === 'event') },
    ...(parameters.length === 0
      ? {}
      : {
          parameters: Object.fromEntries(
            parameters.map((each) => [each, { description: 'One token of the subject.' }]),
          ),
        }),
    'x-jetstream': { kind, pattern, ...(stream === undefined ? {} : { stream }) },
  };
  if (!reply) return [[text, channel]];
  const replies: Json = {
    address: null,
    messages: { [reply.name]: message(reply.name, reply.schema as unknown as Json, false) },
    'x-jetstream': { kind: 'reply' },
  };
  return [
    [text, channel],
    [text + REPLY, replies],
  ];
}

function message(name: string, payload: Json, isEvent: boolean): Json {
  return {
    name,
    contentType: 'application/json',
    payload,
    ...(isEvent ? { traits: [{ $ref: '#/components/messageTraits/event' }] } : {}),
  };
}

/** An event of a declared stream is sent, and so is each request. */
function sendOperations(subject: ContractSubject, streams: readonly DeclaredStream[]): [string, Json][] {
  const isSent = subject.kind === 'request' || streamOf(subject, streams) !== undefined;
  return isSent ? [[`send.${subject.text}`, { action: 'send', ...exchange(subject) }]] : [];
}

function receiveOperations(handler: ContractHandler, subjects: readonly ContractSubject[]): [string, Json][] {
  const { kind, label, receives, options, documentation } = handler;
  const received = subjects.filter(({ text }) => receives.includes(text));
  return received.map((subject) => [
    // An operation has one channel, so a handler of several subjects has several operations.
    received.length === 1 ? label : `${label}.${subject.text}`,
    {
      action: 'receive',
      ...documented(documentation),
      ...exchange(subject),
      [kind === 'consumer' ? 'x-jetstream-consumer' : 'x-jetstream-responder']: {
        handler: label,
        ...Object.fromEntries(Object.entries(options as Document).toSorted(([left], [right]) => compare(left, right))),
      },
    },
  ]);
}

function exchange({ text, name, reply }: ContractSubject): Document {
  return {
    channel: channelPart(text),
    messages: [channelPart(text, 'messages', name)],
    ...(reply && {
      reply: { channel: channelPart(text + REPLY), messages: [channelPart(text + REPLY, 'messages', reply.name)] },
    }),
  };
}

/** Returns a reference to a channel, or to a part of it. */
function channelPart(channel: string, ...path: string[]): Json {
  return { $ref: pointer('channels', channel, ...path) };
}

function streamEntry({ name, subjects, options, dynamic }: DeclaredStream): [string, Json] {
  const entries = Object.entries({ ...options, subjects: [...subjects] } as Document);
  return [
    name,
    { ...sortedByKey(entries), ...(dynamic.length === 0 ? {} : { setAtRuntime: dynamic.toSorted(compare) }) },
  ];
}

function streamOf({ pattern }: ContractSubject, streams: readonly DeclaredStream[]): string | undefined {
  return streams.find(({ subjects }) => subjects.some((each) => covers(each, pattern)))?.name;
}

function addressOf(template: string): string {
  return tokensOf(template)
    .map((token) => (token.startsWith(':') ? `{${parameterName(token)}}` : token))
    .join('.');
}

function parametersOf(template: string): string[] {
  return tokensOf(template)
    .filter((token) => token.startsWith(':'))
    .map(parameterName);
}

function tokensOf(template: string): string[] {
  return template.split('.');
}

function parameterName(token: string): string {
  return token.slice(1).replace(/[^A-Za-z0-9_-]/g, '_');
}

function documented({ text, isDeprecated }: Documentation): Document {
  const lines = [...(isDeprecated ? ['Deprecated.'] : []), ...(text === '' ? [] : [text])];
  return lines.length === 0 ? {} : { description: lines.join('\n\n') };
}

/** Returns a reference within the document. */
function pointer(...path: readonly string[]): string {
  return `#/${path.map((key) => encodeURI(pointerToken(key)).replaceAll('#', '%23')).join('/')}`;
}

function withUniqueNames(entries: readonly [string, Json][]): [string, Json][] {
  const taken = new Set<string>();
  return entries.map(([wanted, value]) => {
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}.${number}`;
    taken.add(name);
    return [name, value];
  });
}

function sortedByKey(entries: readonly (readonly [string, Json])[]): Document {
  return Object.fromEntries(entries.toSorted(([left], [right]) => compare(left, right)));
}
