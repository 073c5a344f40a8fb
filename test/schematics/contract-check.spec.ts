import { compareDocuments, type Mode } from '../../schematics/contract/compare-documents';
import type { Document, Json } from '../../schematics/contract/json';
import { documentText, parseDocument } from '../../schematics/contract/document-text';
import { reportLines } from '../../schematics/contract/report';

const channel = (address: string | null, payload: Json, kind = 'event', stream?: string): Json => ({
  address,
  messages: { Message: { payload } },
  'x-jetstream': { kind, ...(stream === undefined ? {} : { stream }) },
});
const documentOf = (channels: Record<string, Json>, others: Document = {}): Document => ({
  asyncapi: '3.0.0',
  info: { title: 'shop', version: '1.0.0' },
  channels,
  ...others,
});
const ID: Document = { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] };
const ID_AND_TEXT: Json = {
  type: 'object',
  properties: { id: { type: 'number' }, text: { type: 'string' } },
  required: ['id', 'text'],
};

/** Returns the changes as `level id text`. */
function changesOf(previous: Document, current: Document, mode: Mode = 'full', allowed: string[] = []): string[] {
  return compareDocuments(previous, current, { mode, allowed }).map(({ level, id, text }) => `${level} ${id} ${text}`);
}

const named = (name: string): Document =>
  documentOf(
    { [`order.:${name}.shipped`]: channel(`order.{${name}}.shipped`, { $ref: `#/components/schemas/${name}` }) },
    { components: { schemas: { [name]: ID } } },
  );

const documentWith = (request: Json, reply: Json): Document =>
  documentOf({
    'price.ask': channel('price.ask', request, 'request'),
    'price.ask reply': channel(null, reply, 'reply'),
  });

const withStreams = (streams: Json): Document => documentOf({}, { 'x-jetstream-streams': streams });

const compare = (previousSchema: Json, currentSchema: Json): string[] =>
  changesOf(documentOf({ a: channel('a', previousSchema) }), documentOf({ a: channel('a', currentSchema) }));

const objectOf = (properties: Document, optional: readonly string[] = [], others: Document = {}): Json => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  ...others,
});
const union = (...anyOf: Json[]): Json => ({ anyOf });
const tuple = (rest: string): Json => ({
  type: 'array',
  items: [{ type: 'number' }],
  minItems: 1,
  additionalItems: { type: rest },
});
const inTwoParts = (a: Json): Json => ({
  allOf: [{ type: 'object', properties: { a } }, { properties: { a: { type: 'string' } } }],
});
const referenceTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const recursiveOf = (type: string): Document => {
  const schemas: Json = {
    A: { type: 'object', properties: { b: referenceTo('B'), v: { type } } },
    B: { type: 'object', properties: { a: referenceTo('A') } },
  };
  const root: Json = { type: 'object', properties: { a: referenceTo('A'), b: referenceTo('B') } };
  return documentOf({ a: channel('a', root) }, { components: { schemas } });
};

describe('compareDocuments', () => {
  const previous = documentOf({ 'order.created': channel('order.created', ID) });
  const current = documentOf({ 'order.created': channel('order.created', ID_AND_TEXT) });

  it.each<[Mode, string]>([
    ['full', 'break'],
    ['backward', 'break'],
    ['forward', 'warn'],
    ['none', 'warn'],
  ])('in mode %s has a required property as %s', (mode, level) => {
    expect(changesOf(previous, current, mode)).toEqual([`${level} order.created#/text added, required`]);
  });

  it.each([['order.created#/text'], ['order.created']])('allows %s', (id) => {
    expect(changesOf(previous, current, 'full', [id])).toEqual(['allowed order.created#/text added, required']);
  });

  it('does not report a new channel', () => {
    const both = documentOf({ ...(previous['channels'] as Document), 'order.paid': channel('order.paid', ID) });
    expect(changesOf(previous, both)).toEqual([]);
  });

  it('reports a removed and a narrowed channel', () => {
    const template = documentOf({
      'order.:region.shipped': channel('order.{region}.shipped', ID),
      'order.paid': channel('order.paid', ID),
    });
    const narrow = documentOf({ 'order.eu.shipped': channel('order.eu.shipped', ID) });
    expect(changesOf(template, narrow)).toEqual([
      'break order.:region.shipped# narrowed to order.eu.shipped',
      'break order.paid# removed',
    ]);
  });

  it('ignores the names of parameters, messages and types', () => {
    expect(changesOf(named('region'), named('area'))).toEqual([]);
  });

  it('reports an event that became a request', () => {
    expect(changesOf(documentOf({ a: channel('a', ID) }), documentOf({ a: channel('a', ID, 'request') }))).toEqual([
      'break a# event → request',
    ]);
  });

  it('compares each of two templates with one pattern', () => {
    const both = (region: Json, country: Json): Document =>
      documentOf({
        'order.:country': channel('order.{country}', country),
        'order.:region': channel('order.{region}', region),
      });
    expect(changesOf(both(ID, ID_AND_TEXT), both(ID, ID_AND_TEXT))).toEqual([]);
    expect(changesOf(both(ID, ID_AND_TEXT), both(ID_AND_TEXT, ID_AND_TEXT))).toEqual([
      'break order.:region#/text added, required',
    ]);
    const one = documentOf({ 'order.:place': channel('order.{place}', ID) });
    expect(changesOf(both(ID, ID_AND_TEXT), one)).toEqual(['break order.:place#/text removed, was required']);
    expect(changesOf(one, both(ID, ID_AND_TEXT))).toEqual([]);
  });

  it('accepts a template in place of one of its subjects', () => {
    const subjects = documentOf({ 'order.eu': channel('order.eu', ID) });
    const template = (payload: Json): Document => documentOf({ 'order.:region': channel('order.{region}', payload) });
    expect(changesOf(subjects, template(ID))).toEqual([]);
    expect(changesOf(subjects, template(ID_AND_TEXT))).toEqual(['break order.:region#/text added, required']);
  });

  it('skips options of a stream that are set at run time', () => {
    expect(
      changesOf(
        withStreams({ JOBS: { subjects: ['job.>'], retention: 'workqueue' } }),
        withStreams({ JOBS: { subjects: ['job.>'], setAtRuntime: ['retention'] } }),
      ),
    ).toEqual([]);
  });

  describe('compares unions', () => {
    const text: Json = { type: 'string' };
    const number: Json = { type: 'number' };
    const failure = objectOf({ error: text }, ['error']);

    it.each<[string, Json, Json, string[]]>([
      [
        'a member with only optional properties',
        union(objectOf({ data: number }), failure),
        union(objectOf({ data: text }), failure),
        ['break a#/data number → string'],
      ],
      [
        'members that share a property',
        union(objectOf({ id: text, data: number }), objectOf({ id: text, error: text }, ['error'])),
        union(objectOf({ id: text, data: text }), objectOf({ id: text, error: text }, ['error'])),
        ['break a#/data number → string'],
      ],
      [
        'one object that became a member for each literal',
        objectOf({ k: { enum: ['a', 'b'] }, x: number }),
        union(objectOf({ k: { const: 'a' }, x: number }), objectOf({ k: { const: 'b' }, x: number })),
        [],
      ],
      [
        'one object with a literal that no member has',
        objectOf({ k: { enum: ['a', 'b', 'c'] }, x: number }),
        union(objectOf({ k: { const: 'a' }, x: number }), objectOf({ k: { const: 'b' }, x: text })),
        ['break a# object → object', 'break a#/x number → string'],
      ],
      [
        'literals that several members have in common',
        union(
          objectOf({ v: { const: 1 }, k: { const: 'a' }, x: number }),
          objectOf({ v: { const: 1 }, k: { const: 'b' }, y: number }),
        ),
        union(
          objectOf({ v: { const: 1 }, k: { const: 'a' }, x: number }),
          objectOf({ v: { const: 1 }, k: { const: 'b' }, y: text }),
        ),
        ['break a#/y number → string'],
      ],
      [
        'an optional property that a member loses',
        union(objectOf({ k: { const: 'a' }, x: number }, ['x']), objectOf({ k: { const: 'b' } })),
        union(objectOf({ k: { const: 'a' } }), objectOf({ k: { const: 'b' } })),
        ['warn a#/x removed, was optional'],
      ],
    ])('%s', (_what, before, after, expected) => {
      expect(compare(before, after)).toEqual(expected);
    });
  });

  it('compares the further elements of tuples', () => {
    expect(compare(tuple('string'), tuple('number'))).toEqual(['break a#/* string → number']);
    expect(compare(tuple('string'), tuple('string'))).toEqual([]);
    expect(compare({ type: 'array', items: { type: 'number' } }, tuple('string'))).toEqual([
      'break a#/* number → string',
      'break a#/0 added, required',
    ]);
  });

  it('accepts a text for the pattern of a template literal', () => {
    const pattern: Json = { type: 'string', pattern: '^o-\\.-?[0-9.eE+-]+$' };
    expect(compare({ const: 'o-.1' }, pattern)).toEqual(['break a# "o-.1" → string']);
    expect(
      changesOf(
        documentOf({ a: channel('a', { const: 'o-.1' }) }),
        documentOf({ a: channel('a', pattern) }),
        'backward',
      ),
    ).toEqual(['warn a# "o-.1" → string']);
    expect(compare({ const: 'o-1' }, { type: 'string', pattern: '^o-(1)+$' })).toEqual(['break a# "o-1" → string']);
  });

  it('compares requests and replies', () => {
    expect(changesOf(documentWith(ID, ID_AND_TEXT), documentWith(ID_AND_TEXT, ID))).toEqual([
      'break price.ask#/text added, required',
      'break price.ask reply#/text removed, was required',
    ]);
  });

  it('compares streams', () => {
    expect(
      changesOf(
        withStreams({ GONE: { subjects: ['gone'] }, JOBS: { subjects: ['job.>'] }, ORDERS: { subjects: ['order.>'] } }),
        withStreams({
          JOBS: { subjects: ['job.>'], retention: 'workqueue' },
          ORDERS: { subjects: ['order.*'], maxAge: '1d' },
        }),
      ),
    ).toEqual([
      'break GONE# no longer declared',
      'break JOBS#/retention limits → workqueue',
      "break ORDERS#/subjects 'order.>' no longer stored",
    ]);
  });

  it('names the side that breaks, the time that events are stored, and the remedy', () => {
    const streams: Document = { 'x-jetstream-streams': { ORDERS: { subjects: ['order.>'], maxAge: '7d' } } };
    const operations: Document = {
      operations: {
        read: {
          action: 'receive',
          channel: { $ref: '#/channels/order.created' },
          'x-jetstream-consumer': { handler: 'OrdersConsumer.created', durable: 'billing' },
        },
      },
    };
    const before = documentOf(
      { 'order.created': channel('order.created', ID_AND_TEXT, 'event', 'ORDERS') },
      { ...streams, ...operations },
    );
    const after = documentOf(
      {
        'order.created': channel('order.created', {
          type: 'object',
          properties: { id: { type: 'string' } },
          required: ['id'],
        }),
      },
      streams,
    );
    expect(reportLines(compareDocuments(before, after, { mode: 'full' }), ['order.paid'])).toEqual([
      'order.created  Message',
      '  break   /id  number → string (backward, forward)',
      '          Events in ORDERS (for 7d) have the previous type. Instances of the previous version with OrdersConsumer.created (billing) expect the previous type. Add a property with the new type, or publish a new subject.',
      '  break   /text  removed, was required (forward)',
      '          Instances of the previous version with OrdersConsumer.created (billing) still read it. Deploy handlers that do not read it first, then allow this change.',
      '2 breaking changes. To allow one, add its id, such as "order.created#/id", to jetstream.allowBreaking in nest-cli.json.',
      'note: jetstream.allowBreaking has "order.paid", which matches no breaking change. Remove it.',
    ]);
  });

  describe('reads documents of other tools', () => {
    it.each<[string, Json, Json, string[]]>([
      ['type lists', { type: ['string', 'null'] }, { type: 'string' }, ['break a# string | null → string']],
      ['integers', { type: 'number' }, { type: 'integer' }, ['break a# number → integer']],
      ['minimum', { type: 'number' }, { type: 'number', minimum: 1 }, ['break a# number → number']],
      ['maxLength', { type: 'string', maxLength: 9 }, { type: 'string', maxLength: 8 }, ['break a# string → string']],
      [
        'oneOf',
        { oneOf: [{ type: 'string' }, { type: 'number' }] },
        { type: 'string' },
        ['break a# string | number → string'],
      ],
      ['allOf', { allOf: [ID, { properties: { text: { type: 'string' } }, required: ['text'] }] }, ID_AND_TEXT, []],
      ['closed objects', { ...ID, additionalProperties: false }, ID_AND_TEXT, ['break a#/text added, required']],
      [
        'schemas that are too complex',
        { not: { type: 'string' } },
        { type: 'number' },
        ['break a# a schema that cannot be compared → number'],
      ],
      ['schemas that are too complex but equal', { not: { type: 'string' } }, { not: { type: 'string' } }, []],
      [
        'other schema languages',
        { schemaFormat: 'application/vnd.apache.avro', schema: {} },
        ID,
        ['break a# a schema that cannot be compared → object'],
      ],
    ])('%s', (_what, before, after, expected) => {
      expect(compare(before, after)).toEqual(expected);
    });

    it.each<[string, Json]>([
      ['not', { not: { $ref: '#/components/schemas/E' } }],
      ['patternProperties', { type: 'object', patternProperties: { '^x': { $ref: '#/components/schemas/E' } } }],
      ['prefixItems', { type: 'array', prefixItems: [{ $ref: '#/components/schemas/E' }] }],
      ['anyOf and oneOf', { anyOf: [{ $ref: '#/components/schemas/E' }], oneOf: [{ type: 'boolean' }] }],
      ['recursive schemas', { not: { $ref: '#/components/schemas/R' } }],
    ])('references in %s are followed', (_what, payload) => {
      const using = (type: string): Document =>
        documentOf(
          { a: channel('a', payload) },
          { components: { schemas: { E: { type }, R: { anyOf: [{ type }, { $ref: '#/components/schemas/R' }] } } } },
        );
      expect(changesOf(using('string'), using('string'))).toEqual([]);
      expect(changesOf(using('string'), using('number'))).toEqual([
        expect.stringMatching(/^break a# a schema that cannot be compared → a schema that cannot be compared$/),
      ]);
    });

    it('one property in two parts of allOf', () => {
      expect(compare(inTwoParts({ enum: ['x', 'y'] }), inTwoParts({ enum: ['x'] }))).toEqual([
        'break a#/a "x" | "y" → "x"',
      ]);
    });

    it('references of remote documents are not followed', () => {
      expect(compare({ $ref: 'http://127.0.0.1:1/a.json' }, ID)).toEqual([
        'break a# a schema that cannot be compared → object',
      ]);
    });
  });

  it('reports a change of a recursive type at each place', () => {
    expect(changesOf(recursiveOf('string'), recursiveOf('number'))).toEqual([
      'break a#/a/v string → number',
      'break a#/b/a/v string → number',
    ]);
  });

  it('ends for schemas that refer to each other without end', () => {
    const names = Array.from({ length: 40 }, (_, index) => `T${index}`);
    const doubling = (kind: 'anyOf' | 'allOf' | 'properties', leaf: Json): Document => {
      const reference = (index: number): Json =>
        index < names.length ? { $ref: `#/components/schemas/T${index}` } : leaf;
      const bodyOf = (index: number): Json =>
        kind === 'properties'
          ? { type: 'object', properties: { a: reference(index + 1), b: reference(index + 1) } }
          : { [kind]: [reference(index + 1), reference(index + 1)] };
      return documentOf(
        { a: channel('a', reference(0)) },
        { components: { schemas: Object.fromEntries(names.map((name, index) => [name, bodyOf(index)])) } },
      );
    };
    for (const kind of ['anyOf', 'allOf', 'properties'] as const)
      expect(changesOf(doubling(kind, { type: 'string' }), doubling(kind, { type: 'number' })).length).toBeGreaterThan(
        0,
      );
    const circular = documentOf(
      { a: channel('a', { $ref: '#/components/schemas/A' }) },
      { components: { schemas: { A: { anyOf: [{ $ref: '#/components/schemas/A' }] } } } },
    );
    expect(() => changesOf(circular, circular)).toThrow(expect.objectContaining({ code: 'INVALID_DOCUMENT' }));
  });
});

describe('parseDocument', () => {
  it.each([
    ['no YAML', 'a: [', /^asyncapi\.yaml cannot be parsed \(/],
    [
      'another document',
      'openapi: 3.1.0',
      /^asyncapi\.yaml is not an AsyncAPI document\. AsyncAPI 3 is required\. Create one with npx nest-jetstream contract\.$/,
    ],
    [
      'an old version',
      'asyncapi: 2.6.0',
      /^asyncapi\.yaml is AsyncAPI 2\.6\.0\. AsyncAPI 3 is required\. Convert it with npx @asyncapi\/cli convert\.$/,
    ],
    [
      'a small file that expands without end',
      `a0: &a0 [x, x]\n${Array.from({ length: 20 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}, *a${at}]`).join('\n')}`,
      /cannot be parsed \(Excessive alias count/,
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseDocument(text, 'asyncapi.yaml')).toThrow(
      expect.objectContaining({ code: 'INVALID_DOCUMENT', message: expect.stringMatching(message) }),
    );
  });

  it.each(['asyncapi.yaml', 'asyncapi.json'])('reads the text of %s', (path) => {
    const document = documentOf({
      'a: [b]': channel('a', { const: 'yes', description: 'on\n# no comment\n---\n"\'`${}: &a *b !!js %x\t\u0085' }),
      __proto__x: channel('y', { enum: ['null', '1', '1e3', '0x1', '~', '2026-01-01', '=', '<<'] }),
      ['__proto__']: channel('z', ID),
    });
    expect(parseDocument(documentText(document, path), path)).toEqual(document);
    expect(JSON.stringify(parseDocument(documentText(document, path), path))).toBe(JSON.stringify(document));
  });
});
