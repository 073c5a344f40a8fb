import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { stringify } from 'yaml';
import ts from 'typescript';
import { HOSTILE_VALUES } from './support/hostile-values';
import { projectTree, run } from './support/project-tree';

const EVENTS = '/src/orders/orders.events.ts';

const CREATED = {
  type: 'object',
  description: 'An order of the shop.',
  required: ['id', 'lines'],
  properties: {
    id: { type: 'string', description: 'Number of the order.' },
    note: { type: ['string', 'null'], deprecated: true },
    state: { enum: ['open', 'paid'] },
    'unit-price': { type: 'number', minimum: 0 },
    lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } },
    tags: { type: 'object', additionalProperties: { type: 'string' } },
    owner: { oneOf: [{ const: 'shop' }, { type: 'integer' }] },
  },
};

const DOCUMENT = {
  asyncapi: '3.0.0',
  info: { title: 'shop', version: '1.0.0' },
  channels: {
    'order.created': {
      address: 'order.created',
      description: 'Published after the payment.',
      messages: { created: { payload: { $ref: '#/components/schemas/Order' } } },
    },
    shipped: {
      address: 'order.{region}.shipped',
      messages: { shipped: { contentType: 'application/json', payload: object({ carrier: { type: 'string' } }) } },
    },
  },
  operations: {},
  components: {
    schemas: { Order: CREATED, Line: object({ sku: { type: 'string' }, next: { $ref: '#/components/schemas/Line' } }) },
  },
  'x-jetstream-streams': {
    ORDERS: {
      subjects: ['order.>'],
      maxAge: '30d',
      storage: 'file',
      allowRollup: true,
      metadata: { team: 'shop' },
      republish: { dest: 'copy.>' },
    },
  },
};

function object(properties: object): object {
  return { type: 'object', properties, required: [Object.keys(properties)[0]] };
}

let project: UnitTestTree;
beforeAll(async () => (project = await projectTree()));

async function importing(document: unknown, options: object = {}, from = project) {
  const text = typeof document === 'string' ? document : stringify(document);
  if (from.exists('/asyncapi.yaml')) from.overwrite('/asyncapi.yaml', text);
  else from.create('/asyncapi.yaml', text);
  return run(from, 'jetstream-import', { name: 'asyncapi.yaml', ...options });
}

/** A document with one channel. */
function documentOf(channel: object): object {
  return { asyncapi: '3.1.0', channels: { one: channel } };
}

/** A document with one channel per address, with the ids c0, c1 and so on. */
function channelsOf(...addresses: string[]): object {
  const messages = { one: { payload: object({ id: { type: 'string' } }) } };
  const channels = Object.fromEntries(addresses.map((address, index) => [`c${index}`, { address, messages }]));
  return { asyncapi: '3.0.0', channels };
}

function eventOf(payload: unknown): object {
  return documentOf({ address: 'order.created', messages: { one: { payload } } });
}

function ref(number: number): object {
  return { $ref: `#/components/schemas/S${number}` };
}

/** Returns schemas that each refer twice to the next one. */
function doubling(schemaOf: (next: object) => object): Record<string, object> {
  const levels = Array.from({ length: 22 }, (_, level) => [`S${level}`, schemaOf(ref(level + 1))] as const);
  return { ...Object.fromEntries(levels), S22: object({ id: { type: 'string' } }) };
}

const STRING = { type: 'string' };
/** Schemas of a property with their types, and the parts of them that have no type. */
const PROPERTIES: [string, object, string, string?][] = [
  ['an object that may be null', { ...object({ b: STRING }), type: ['object', 'null'] }, '{ b: string; } | null'],
  [
    'alternatives of an object',
    { type: 'object', oneOf: [object({ b: STRING }), object({ c: STRING })] },
    '{ b: string; } | { c: string; }',
  ],
  [
    'alternatives beside fields',
    { ...object({ b: STRING }), oneOf: [object({ c: STRING }), object({ d: STRING })] },
    '{ b: string; c: string; } | { b: string; d: string; }',
  ],
  [
    'alternatives in allOf',
    { allOf: [object({ b: STRING }), { oneOf: [object({ b: { const: 'x' } }), object({ d: STRING })] }] },
    "{ b: 'x'; } | { b: string; d: string; }",
  ],
  [
    'alternatives of required fields',
    { properties: { b: STRING, c: STRING }, anyOf: [{ required: ['b'] }, { required: ['c'] }] },
    '{ b: string; c?: string; } | { b?: string; c: string; }',
  ],
  ['the narrowest part of allOf', { allOf: [STRING, { enum: ['x', 'y'] }] }, "'x' | 'y'"],
  ['the common values of allOf', { allOf: [{ enum: ['x', 1] }, { type: ['string', 'null'] }] }, "'x'"],
  ['a reference that may be null', { allOf: [{ ...object({ b: STRING }), nullable: true }] }, '{ b: string; } | null'],
  [
    'a tuple with optional elements',
    { type: 'array', items: [STRING, STRING], minItems: 1, maxItems: 2 },
    '[string, string?]',
  ],
  [
    'a tuple of prefixItems',
    { type: 'array', prefixItems: [STRING, { type: 'number' }], items: false, minItems: 2 },
    '[string, number]',
  ],
  [
    'a tuple with more elements',
    { type: 'array', items: [{ type: 'number' }], additionalItems: STRING, minItems: 1 },
    '[number, ...string[]]',
  ],
  ['an open tuple', { type: 'array', items: [STRING], minItems: 1 }, '[string]', 'a (elements after the first 1)'],
  [
    'other keys beside fields',
    { ...object({ b: STRING }), additionalProperties: STRING },
    '{ b: string; }',
    'a (additionalProperties)',
  ],
  [
    'a required field without a schema',
    { ...object({ b: STRING }), required: ['b', 'c'] },
    '{ b: string; c: unknown; }',
  ],
  [
    'patterns of keys',
    { type: 'object', patternProperties: { '^x': STRING }, additionalProperties: false },
    'Record<string, string>',
    'a (patternProperties)',
  ],
  ['conditions', { type: 'string', not: { const: 'x' }, if: {} }, 'string', 'a (not), a (if)'],
];

describe('jetstream-import', () => {
  it('declares the streams and events with their comments', async () => {
    const { tree, messages } = await importing(DOCUMENT);
    expect(tree.readText(EVENTS)).toBe(`import { subject, subjectTemplate } from '@nest-jetstream/transport';

/** An order of the shop. */
export interface OrderCreatedEvent {
  /** Number of the order. */
  id: string;
  /** @deprecated */
  note?: string | null;
  state?: 'open' | 'paid';
  'unit-price'?: number;
  lines: {
    sku: string;
    next?: unknown;
  }[];
  tags?: Record<string, string>;
  owner?: 'shop' | number;
}

/** Published after the payment. */
export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');

export interface OrderShippedEvent {
  carrier: string;
}

export const ORDER_SHIPPED = subjectTemplate<OrderShippedEvent>()('order.:region.shipped');
`);
    const stream = tree.readText('/src/orders/orders.stream.ts');
    // Without defaults, because an absent option keeps its value on the server.
    expect(stream).toContain(`defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_SHIPPED },
  storage: 'file',
  maxAge: '30d',
  metadata: { team: 'shop' },
  allowRollup: true,
});`);
    expect(messages).toContain('Imported 2 of 2 channels of asyncapi.yaml.');
    expect(messages).toContain('Stream ORDERS: set republish by hand.');
    expect(messages).toContain('order.created: these fields are unknown: lines.[].next (the type is recursive).');
  });

  it('keeps the code of an earlier import', async () => {
    const { tree } = await importing(DOCUMENT);
    tree.overwrite(EVENTS, tree.readText(EVENTS).replace('carrier: string;', 'carrier: string;\n  byHand: true;'));
    const { changed, messages, tree: again } = await importing(DOCUMENT, {}, tree);
    expect(changed).toEqual([]);
    expect(messages).toContain('order.:region.shipped in src/orders/orders.events.ts was kept.');
    expect(messages).toContain('Of its fields, only the code has byHand.');
    expect(messages).not.toContain('order.created');
    expect(again.readText(EVENTS)).toContain('byHand: true;');
  });

  it('does not list an event again that was removed from its stream', async () => {
    const { tree } = await importing(DOCUMENT);
    const path = '/src/orders/orders.stream.ts';
    tree.overwrite(path, tree.readText(path).replaceAll(', ORDER_SHIPPED }', ' }'));
    const { tree: again } = await importing(DOCUMENT, {}, tree);
    expect(again.readText(path)).toContain('events: { ORDER_CREATED }');
  });

  it('shows how a changed document differs from the code', async () => {
    const { tree } = await importing(eventOf(object({ id: { type: 'string' }, at: {}, note: { type: 'string' } })));
    const changed = eventOf(object({ id: { type: 'integer' }, at: {}, note: { enum: ['a'] }, by: { type: 'null' } }));
    const { messages } = await importing(changed, {}, tree);
    expect(messages).toContain(
      'Of its fields, only the document has by?: null; id: number is id: string in the code; ' +
        "note?: 'a' is note?: string in the code.",
    );
  });

  it('shows how a changed stream differs from the code', async () => {
    const { tree } = await importing(DOCUMENT);
    const path = '/src/orders/orders.stream.ts';
    tree.overwrite(
      path,
      tree.readText(path).replace("maxAge: '30d'", 'maxAge: 1000 * 60, replicas: 1, denyPurge: true'),
    );
    const streams = { ORDERS: { subjects: ['order.>'], storage: 'memory', metadata: { team: 'b' }, maxMessages: 5 } };
    const { messages } = await importing({ ...DOCUMENT, 'x-jetstream-streams': streams }, {}, tree);
    expect(messages).toContain(
      "Stream ORDERS in src/orders/orders.stream.ts was kept. Of its options, storage: 'memory' is storage: 'file' in the code; " +
        "only the document has maxMessages: 5; metadata: { team: 'b' } is metadata: { team: 'shop' } in the code; " +
        'only the code has denyPurge; only the code has allowRollup.',
    );
  });

  it('shows no difference for the values of the server that the code leaves out', async () => {
    const { tree } = await importing(DOCUMENT);
    const path = '/src/orders/orders.stream.ts';
    const code = tree.readText(path);
    const [, subjects = ''] = /(subjects: .*)\n/.exec(code) ?? [];
    tree.overwrite(path, code.replace(/defineStream\([^]*\);/, `defineStream({ name: 'ORDERS', ${subjects} });`));
    const stored = { storage: 'file', retention: 'limits', discard: 'old', duplicateWindow: '2m', maxBytes: 9 };
    const streams = { ORDERS: { subjects: ['order.>'], ...stored } };
    const { messages } = await importing({ ...DOCUMENT, 'x-jetstream-streams': streams }, {}, tree);
    expect(messages).toContain('Of its options, only the document has maxBytes: 9.');
  });

  it('imports the chosen channels, by id or address, from JSON', async () => {
    const { tree } = await importing(JSON.stringify(DOCUMENT), { channel: 'order.{region}.shipped' });
    expect(tree.readText(EVENTS)).toContain('ORDER_SHIPPED');
    expect(tree.readText(EVENTS)).not.toContain('ORDER_CREATED');
    await expect(importing(DOCUMENT, { channel: ['order.cancelled'] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('Known channels: order.created, shipped.'),
    });
  });

  it('generates consumers and publishers', async () => {
    const { tree } = await importing(DOCUMENT, { consumers: true, publishers: true });
    expect(tree.readText('/src/orders/order-shipped.consumer.ts')).toContain('@JetStreamConsumer(ORDER_SHIPPED');
    expect(tree.readText('/src/orders/order-created.consumer.ts')).toContain('OrderCreatedConsumer');
    expect(tree.readText('/src/orders/orders.publisher.ts')).toContain('orderCreated(');
    const again = await importing(DOCUMENT, { consumers: true, publishers: true }, tree);
    expect(again.changed).toEqual([]);
  });

  it.each([
    ['class', 'export class'],
    ['schema', 'export type'],
  ])('writes comments in style %s', async (style, declaration) => {
    const base = await projectTree();
    const manifest = base.readJson('/package.json') as { dependencies: object };
    const dependencies = { ...manifest.dependencies, zod: '^4.0.0' };
    base.overwrite('/package.json', JSON.stringify({ ...manifest, dependencies }));
    const { tree } = await importing(DOCUMENT, { style }, base);
    const text = tree.readText(EVENTS);
    expect(text).toContain('  /** Number of the order. */\n  ');
    expect(text).toContain(`/** An order of the shop. */\n${declaration} OrderCreatedEvent`);
  });

  it('creates a stream for channels without one', async () => {
    const { tree } = await importing(eventOf(object({ id: { type: 'string' } })));
    expect(tree.readText('/src/orders/orders.stream.ts')).toContain("subjects: ['order.>']");
  });

  it('merges the fields of allOf', async () => {
    const payload = {
      allOf: [object({ id: { type: 'integer' } }), { properties: { on: { type: 'boolean' } }, required: ['on'] }],
    };
    const { tree } = await importing(eventOf(payload));
    expect(tree.readText(EVENTS)).toContain('{\n  id: number;\n  on: boolean;\n}');
  });

  it.each(PROPERTIES)('imports %s', async (...[, property, type, note]) => {
    const { tree, messages } = await importing(eventOf({ type: 'object', properties: { a: property } }));
    expect(tree.readText(EVENTS).replaceAll(/\s+/g, ' ')).toContain(`{ a?: ${type}; }`);
    expect(/leave out parts of the schema: (.*)\.$/m.exec(messages)?.[1]).toBe(note);
  });

  it('merges the alternatives of an event', async () => {
    const base = object({ id: { type: 'string' } });
    const cards = { oneOf: [object({ at: { type: 'string' }, by: { const: 'a' } }), object({ at: { type: 'null' } })] };
    const { tree, messages } = await importing(eventOf({ type: ['object', 'null'], allOf: [base, cards] }));
    expect(tree.readText(EVENTS)).toContain("{\n  id: string;\n  at: string | null;\n  by?: 'a';\n}");
    expect(messages).toContain('payload (null), payload (oneOf)');
  });

  it.each([
    ['an allOf of itself', { S0: { allOf: [ref(0), ref(0)], ...object({ id: { type: 'string' } }) } }],
    ['references that double', doubling((next) => object({ a: next, b: next }))],
    ['references that double in allOf', doubling((next) => ({ allOf: [next, next] }))],
  ])('imports %s in bounded time', async (_name, schemas) => {
    const { tree, messages } = await importing({ ...eventOf(ref(0)), components: { schemas } });
    expect(tree.readText(EVENTS).split('\n').length).toBeLessThan(3_000);
    expect(messages.includes('(the schema is too large)')).toBe('S1' in schemas);
  });

  it('writes hostile texts as data', async () => {
    const literals = HOSTILE_VALUES.map(
      (text, index) => [`field${index}`, { const: text, description: text }] as const,
    );
    const keys = HOSTILE_VALUES.map(
      (text) => [`k${text}`, { enum: [text, -1, null], description: `a ${text}` }] as const,
    );
    const properties = new Map<string, object>([...literals, ...keys]);
    const payload = object(Object.fromEntries(properties));
    const description = HOSTILE_VALUES.join('\n');
    const document = documentOf({ address: 'order.created', description, messages: { one: { payload } } });
    const { tree } = await importing(JSON.stringify(document));
    const { name, members, statements } = declaredType(tree.readText(EVENTS));
    expect({ name, statements }).toEqual({ name: 'OrderCreatedEvent', statements: 3 });
    expect(members.map((member) => member.key)).toEqual([...properties.keys()]);
    expect(members.slice(0, HOSTILE_VALUES.length).map((member) => member.literal)).toEqual(HOSTILE_VALUES);
  });
});

/** The first interface of a file, read by the compiler. */
function declaredType(text: string) {
  const source = ts.createSourceFile('events.ts', text, ts.ScriptTarget.Latest, true);
  const errors = (source as ts.SourceFile & { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics;
  expect(errors.map(({ messageText }) => messageText)).toEqual([]);
  const declaration = source.statements.find(ts.isInterfaceDeclaration);
  const members = [...(declaration?.members ?? [])].filter(ts.isPropertySignature).map(({ name, type }) => ({
    key: ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined,
    literal: type && ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? type.literal.text : undefined,
  }));
  return { name: declaration?.name.text, members, statements: source.statements.length };
}

describe('jetstream-import skips a channel', () => {
  const other = { address: 'order.paid', messages: { one: { payload: object({ id: { type: 'string' } }) } } };
  it.each([
    [{ messages: {} }, 'It has no address.'],
    [{ address: 'order/created', messages: {} }, "has '/'"],
    [{ address: 'order.created.{a', messages: {} }, 'must be words of letters'],
    [{ address: 'order.*' }, 'has a wildcard'],
    [{ address: 'order.created' }, 'It has no message.'],
    [{ address: 'order.created', messages: { a: {}, b: {} } }, 'It has 2 messages.'],
    [
      { address: 'order.created', messages: { a: { contentType: 'application/x-protobuf' } } },
      'application/x-protobuf',
    ],
    [{ address: 'order.created', messages: { a: { payload: { type: 'string' } } } }, 'not one JSON object with fields'],
    [
      {
        address: 'order.created',
        messages: { a: { payload: { schemaFormat: 'application/vnd.apache.avro', schema: {} } } },
      },
      'apache.avro',
    ],
    [{ address: 'order.created', messages: { a: { payload: { properties: { ['__proto__']: {} } } } } }, '__proto__'],
  ])('such as %j', async (channel, reason) => {
    const text = JSON.stringify({ asyncapi: '3.0.0', channels: { skipped: channel, other } });
    const { messages } = await importing(text);
    expect(messages).toContain('Skipped channel skipped. ');
    expect(messages).toContain(reason);
    expect(messages).toContain('Imported 1 of 2 channels');
  });

  it.each([
    ['order.line-added', 'src/orders/orders.events.ts already declares ORDER_LINE_ADDED. Choose another name with'],
    ['con', `Value "con" of option 'subject' is a reserved file name on Windows. Name the event with`],
  ])('whose name cannot be used, such as %s, until the user chooses one', async (name, reason) => {
    const document = channelsOf('order.line.added', name, 'order.paid');
    const { messages, tree } = await importing(document);
    expect(messages).toContain(
      `Skipped channel c1. ${reason} npx nest-jetstream generate event ${name} --event-name OtherName.`,
    );
    expect(messages).toContain('Imported 2 of 3 channels');
    expect(tree.readText(EVENTS)).toContain('ORDER_PAID');
    const options = { name, eventName: 'OtherName', createStream: true };
    const { tree: named } = await run(tree, 'jetstream-event', options);
    expect((await importing(document, {}, named)).messages).toContain('Imported 3 of 3 channels');
  });

  it('without a stream of the document', async () => {
    const document = {
      ...channelsOf('order.paid', 'order.line.added'),
      'x-jetstream-streams': { ORDERS: { subjects: ['order.paid'] } },
    };
    const { messages } = await importing(document);
    expect(messages).toContain('Skipped channel c1. ');
    expect(messages).toContain('Imported 1 of 2 channels');
  });

  it('that matches the subjects of another channel', async () => {
    const { messages } = await importing(channelsOf('order.{a}.x', 'order.{b}.x'));
    expect(messages).toContain('Skipped channel c1. It matches the same subjects as channel c0.');
  });

  it.each([
    [{ properties: { constructor: { type: 'string' } } }, {}],
    [object({ a: object({ constructor: { type: 'string' } }) }), {}],
  ])('with a field that no class can have, such as %j', async (payload, options) => {
    const channels = { bad: { address: 'order.bad', messages: { a: { payload } } }, other };
    const { messages } = await importing(JSON.stringify({ asyncapi: '3.0.0', channels }), {
      ...options,
      style: 'class',
    });
    expect(messages).toContain('Skipped channel bad. ');
    expect(messages).toContain('the field constructor');
  });

  it.each(['default', 'new', 'class', 'delete'])('named %s', async (address) => {
    const { messages } = await importing(channelsOf(address, 'order.paid'), { consumers: true, publishers: true });
    expect(messages).toContain(`Skipped channel c0. Its name '${address}' is a reserved word of TypeScript.`);
  });

  it('but not its stream, if only the stream is invalid', async () => {
    const streams = { '../../evil': { subjects: ['order.>'] }, PAID: { subjects: ['or der'] } };
    const { messages, tree } = await importing({ ...channelsOf('order.paid'), 'x-jetstream-streams': streams });
    expect(messages).toContain("Skipped stream ../../evil. Its name must be letters, digits, '-' and '_'.");
    expect(messages).toContain('Skipped stream PAID. ');
    expect(tree.readText('/src/orders/orders.stream.ts')).not.toContain('evil');
  });

  it('with a nested field __proto__', async () => {
    const payload = { properties: { a: { properties: { ['__proto__']: { type: 'string' } } } } };
    const channels = { bad: { address: 'order.bad', messages: { a: { payload } } }, other };
    const { messages } = await importing(JSON.stringify({ asyncapi: '3.0.0', channels }));
    expect(messages).toContain('Skipped channel bad. ');
    expect(messages).toContain('objects cannot store');
  });

  it('of a request', async () => {
    const document = {
      asyncapi: '3.0.0',
      channels: { ask: other, answer: { address: null, messages: {} } },
      operations: {
        get: { action: 'send', channel: { $ref: '#/channels/ask' }, reply: { channel: { $ref: '#/channels/answer' } } },
      },
    };
    await expect(importing(document)).rejects.toMatchObject({
      code: 'NOTHING_TO_IMPORT',
      message: expect.stringContaining('- ask: It belongs to a request.'),
    });
  });
});

describe('jetstream-import refuses', () => {
  it.each([
    ['{', 'INVALID_DOCUMENT', 'neither YAML nor JSON'],
    ['a: &a [*a, *a]', 'INVALID_DOCUMENT', ''],
    ['openapi: 3.0.0', 'INVALID_DOCUMENT', "needs the field 'asyncapi'"],
    ['asyncapi: 2.6.0', 'INVALID_DOCUMENT', 'npx @asyncapi/cli convert'],
    ['asyncapi: 3.0.0', 'NOTHING_TO_IMPORT', 'no channels'],
  ])('%j', async (text, code, part) => {
    await expect(importing(text)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  it.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '1}'],
  ])('deeply nested %s', async (_name, start, end) => {
    await expect(importing(start.repeat(5_000) + end.repeat(5_000))).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      message: 'asyncapi.yaml is nested too deeply. At most 500 levels are supported. Simplify the document.',
    });
  });

  it.each([
    ['https://example.com/schema.json', 'npx @asyncapi/cli bundle'],
    ['./other.yaml#/a', 'npx @asyncapi/cli bundle'],
    ['#/components/schemas/constructor', 'leads to nothing'],
    ['#/channels/one/messages/one/payload', 'leads to itself'],
  ])('the reference %s', async ($ref, part) => {
    await expect(importing(eventOf({ $ref }))).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      message: expect.stringContaining(part),
    });
  });

  it.each([
    ['absent.yaml', 'DOCUMENT_NOT_FOUND'],
    ['a\0.yaml', 'INVALID_OPTION'],
    ['../asyncapi.yaml', 'OUTSIDE_PROJECT'],
    ['/etc/passwd', 'OUTSIDE_PROJECT'],
    ['https://example.com/asyncapi.yaml', 'OUTSIDE_PROJECT'],
  ])('the path %s', async (name, code) => {
    await expect(run(project, 'jetstream-import', { name })).rejects.toMatchObject({ code });
  });
});
