import type { StreamConfig } from '@nats-io/jetstream';
import { describeStream, durationText } from '../../cli/pull/describe-stream';
import { areMaps, inferSchema } from '../../cli/pull/infer-schema';
import { groupSubjects } from '../../cli/pull/subject-groups';
import { templateOf } from '../../cli/pull/token-names';

const infer = (values: readonly unknown[], literals = true) => inferSchema(values, { literals });
const times = <Value>(count: number, valueOf: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => valueOf(at));
/** Returns the schema of the field `a` of objects. */
const fieldOf = (values: readonly unknown[]): unknown => {
  const { properties } = infer(values.map((a) => ({ a }))).schema;
  return (properties as Record<string, unknown>)['a'];
};

describe('inferSchema', () => {
  it.each<[string, unknown[], object]>([
    ['strings', ['a', 'b'], { type: 'string' }],
    ['numbers', [1, 2.5], { type: 'number' }],
    ['mixed types', [1, 'a', true], { type: ['number', 'string', 'boolean'] }],
    ['null', ['a', null], { type: ['string', 'null'] }],
    ['times', ['2026-01-31T12:00:00.000Z'], { type: 'string', format: 'date-time', description: 'ISO 8601.' }],
    ['dates', ['2026-01-31', '2026-02-01'], { type: 'string', format: 'date', description: 'ISO 8601.' }],
    ['UUIDs', ['7f0e4d0a-4a3c-4bd0-9a5a-1f3c0f8f6a51'], { type: 'string', format: 'uuid', description: 'UUID.' }],
    ['lists', [['a'], [], ['b', 1]], { type: 'array', items: { type: ['string', 'number'] } }],
    [
      'lists of objects',
      [[{ b: 1 }], [{ b: 2, c: null }]],
      {
        type: 'array',
        items: { type: 'object', properties: { b: { type: 'number' }, c: {} }, required: ['b'] },
      },
    ],
    ['a map by its ids', [{ '1001': 1, '1002': 2 }], { type: 'object', additionalProperties: { type: 'number' } }],
    [
      'a map by email addresses',
      [{ 'anna@example.com': { n: 1 } }],
      {
        type: 'object',
        additionalProperties: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
      },
    ],
    [
      'objects or texts',
      [{ b: 1 }, 'x', null],
      { type: ['object', 'string', 'null'], properties: { b: { type: 'number' } }, required: ['b'] },
    ],
    [
      'ids beside fields',
      [{ b: 1, c: 1, '550e8400-e29b-41d4-a716-446655440000': 'x' }],
      {
        type: 'object',
        properties: { b: { type: 'number' }, c: { type: 'number' } },
        required: ['b', 'c'],
        additionalProperties: { type: 'string' },
      },
    ],
  ])('describes %s', (_name, values, schema) => {
    expect(fieldOf(values)).toEqual(schema);
  });

  it.each([
    ['an email address', 'mailto:anna@example.com'],
    ['a phone number', '+49 170 1234567'],
    ['an IP address', '10.0.0.1'],
    ['a URI', 'https://example.com/u/anna'],
    ['an IBAN', 'GB29NWBK60161331926819'],
    ['a token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def'],
    ['an id with a prefix', 'user_42'],
    ['a random id with a prefix', 'cus_NffrFeUfNV2Hib'],
    ['a random id', 'V1StGXR8_Z5jdHi6B-myT'],
    ['a text', `a0${'a'.repeat(1_000_000)}`],
  ])('never writes a key that is %s', (_name, key) => {
    const { schema, notes } = infer([{ id: 1, links: { [key]: null }, [key]: {} }]);
    expect(JSON.stringify([schema, notes])).not.toContain(key);
  });

  it('keeps the names of fields', () => {
    const names = `billingAddressLine1 sha256Fingerprint oauth2ClientIdentifier address_line_2 street_2 @type $schema
      #text content-type x-request-id Order_Id iso8601 e164PhoneNumberText`.split(/\s+/);
    const [first] = times(1, () => Object.fromEntries(names.map((name) => [name, true])));
    expect(Object.keys((infer([first]).schema['properties'] ?? {}) as object)).toEqual(names);
  });

  it.each(['users', 'teamMembers', 'people', 'scoreByPlayer', 'votes_per_person', 'phoneNumbersByName'])(
    'types the keys of %s as personal',
    (field) => {
      expect(infer([{ [field]: { anna: 1, 'Jane Doe': 2 } }]).schema['properties']).toEqual({
        [field]: { type: 'object', additionalProperties: { type: 'number' } },
      });
    },
  );

  it('types keys that vary as a map if their values have one kind', () => {
    const [anna, bob, eve] = [{ anna: 1 }, { bob: 2 }, { eve: 3 }];
    expect(fieldOf([anna, bob, anna, eve, anna])).toHaveProperty('properties');
    expect(fieldOf([anna, bob, eve])).toEqual({ type: 'object', additionalProperties: { type: 'number' } });
    expect(fieldOf([anna, bob, { eve: 'x' }])).toHaveProperty('properties');
    expect(fieldOf([anna, bob, anna, bob])).toHaveProperty('properties');
    expect(fieldOf([{ customer: { name: 'x', city: 'y' } }])).toHaveProperty(['properties', 'customer', 'required']);
  });

  it('makes a field optional that is missing in one value', () => {
    expect(infer([{ a: 1, b: null }, { a: 1 }]).schema).toEqual({
      type: 'object',
      properties: { a: { type: 'number' }, b: {} },
      required: ['a'],
    });
  });

  it('names the fields whose type is uncertain', () => {
    const deep = JSON.parse('{"d":'.repeat(20) + '1' + '}'.repeat(20)) as object;
    const values = [JSON.parse('{"__proto__":1,"a":null,"b":[],"c":{},"big":12345678901234567890}') as object, deep];
    expect(infer(values).notes).toEqual([
      '__proto__ (objects cannot store it)',
      'a (only null was seen)',
      'b.[] (only empty lists were seen)',
      'c (only empty objects were seen)',
      'big (numbers above 2^53 are rounded)',
      `${'d.'.repeat(16)}d (nested too deeply)`,
    ]);
  });

  it('types wide objects with varying keys as maps', () => {
    const varying = times(40, (at) =>
      Object.fromEntries(times(3, (key) => [`key${'abcdefghij'[(at + key * 3) % 10]}${'xyz'[at % 3]}`, 1])),
    );
    expect(areMaps(varying)).toBe(true);
    expect(areMaps([Object.fromEntries(times(400, (at) => [`column${at}a`, at]))])).toBe(true);
    expect(areMaps([Object.fromEntries(times(100, (at) => [`column${at}a`, at]))])).toBe(false);
  });

  describe('writes literals', () => {
    const states = (field: string, count = 40, words: unknown[] = ['open', 'paid']) =>
      JSON.stringify(infer(times(count, (at) => ({ [field]: words[at % words.length] }))).schema);

    it('for words of an enumeration that many messages share', () => {
      expect(states('status')).toContain('{"enum":["open","paid"]}');
      expect(states('order_state')).toContain('"enum"');
      expect(states('state', 60, ['open', null, 'paid'])).toContain('{"enum":["open","paid",null]}');
    });

    it.each([
      ['a field that enumerates nothing', 'note', 40, ['open', 'paid']],
      ['the type of a customer', 'customerType', 40, ['anna', 'bob']],
      ['too few messages', 'status', 29, ['open', 'paid']],
      ['one word', 'status', 40, ['open']],
      ['too many words', 'status', 70, ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
      ['rare words', 'status', 40, [...times(39, () => 'open'), 'paid']],
      ['texts', 'status', 40, ['is open', 'is paid']],
      ['words and numbers', 'status', 40, ['open', 1]],
    ])('but not for %s', (_name, field, count, words) => {
      expect(states(field, count, words)).not.toContain('enum');
    });

    it('but not below a personal field, and not without permission', () => {
      const values = times(40, (at) => ({ customer: { status: at % 2 ? 'a' : 'b' }, type: at % 2 ? 'c' : 'd' }));
      expect(infer(values).schema['properties']).toMatchObject({
        customer: { properties: { status: { type: 'string' } } },
        type: { enum: ['c', 'd'] },
      });
      expect(JSON.stringify(infer(values, false).schema)).not.toContain('enum');
    });
  });
});

const group = (subjects: readonly string[], given: readonly string[] = []) =>
  groupSubjects(new Map(subjects.map((subject) => [subject, 2])), given).map(
    ({ pattern, template, messages }) => `${template ?? pattern} ${messages}`,
  );

describe('groupSubjects', () => {
  it.each<[string, string[], string[]]>([
    ['words', ['order.created', 'order.paid'], ['order.created 2', 'order.paid 2']],
    ['numbers', ['order.1.paid', 'order.27.paid'], ['order.*.paid 4']],
    ['one id', ['order.7f0e4d0a-4a3c-4bd0-9a5a-1f3c0f8f6a51.paid'], ['order.*.paid 2']],
    ['ids with a prefix', ['order.ord_42.paid', 'order.ord_43.paid'], ['order.*.paid 4']],
    ['ids beside words', ['order.42.paid', 'order.test.paid'], ['order.*.paid 2', 'order.test.paid 2']],
    ['texts that code cannot contain', ['order.a@b.paid', 'order.c"d.paid'], ['order.*.paid 4']],
    ['many values', times(9, (at) => `order.${'abcdefghi'[at]}.paid`), ['order.*.paid 18']],
    ['few values', ['order.eu.paid', 'order.us.paid'], ['order.eu.paid 2', 'order.us.paid 2']],
    [
      'different lengths',
      ['order.1', 'order.1.paid', 'order.1.sent'],
      ['order.* 2', 'order.*.paid 2', 'order.*.sent 2'],
    ],
  ])('handles %s', (_name, subjects, groups) => {
    expect(group(subjects)).toEqual(groups);
  });

  it('keeps many event names', () => {
    expect(group(times(20, (at) => `order.${'abcdefghijklmnopqrst'[at]}`))).toHaveLength(20);
  });

  it('prefers the events of the project, the most specific first', () => {
    const given = ['order.:region.paid', 'order.test.paid'];
    expect(group(['order.eu.paid', 'order.us.paid', 'order.test.paid', 'order.eu.sent'], given)).toEqual([
      'order.:region.paid 4',
      'order.eu.sent 2',
      'order.test.paid 2',
    ]);
  });

  it('groups 20,000 subjects in bounded steps', () => {
    expect(group(times(20_000, (at) => `order.${at}.paid`))).toEqual(['order.*.paid 40000']);
  });
});

const samples = (...values: [subject: string, value: object][]) =>
  values.map(([subject, value]) => ({ subject, value }));

describe('templateOf', () => {
  it.each([
    [
      'a field',
      samples(['order.7.paid', { total: 1, id: 7 }], ['order.8.paid', { total: 8, id: 8 }]),
      'order.:id.paid',
    ],
    ['the token before', samples(['orders.7.paid', { total: 1 }]), 'orders.:orderId.paid'],
    ['no accidental field', samples(['order.7.paid', { total: 7 }]), 'order.:orderId.paid'],
    ['an id in one sample', samples(['order.7.paid', { orderId: '7' }]), 'order.:orderId.paid'],
  ])('names a token after %s', (_name, events, template) => {
    expect(templateOf(template.replace(/:[^.]+/, '*'), events)).toBe(template);
  });

  it('gives each token another name', () => {
    expect(templateOf('order.*.*.order.*', [])).toBe('order.:orderId.:token3.order.:orderId2');
    expect(templateOf('*.created', samples(['a.created', { 'a b': 'a' }]))).toBe(':token1.created');
  });
});

describe('describeStream', () => {
  it.each([
    [604_800_000_000_000, '7d'],
    [7_200_000_000_000, '2h'],
    [90_000_000_000, '90s'],
    [1_500_000, '1.5ms'],
    [0, undefined],
  ])('writes %d nanoseconds as %s', (nanos, text) => {
    expect(durationText(nanos)).toBe(text);
  });

  it('leaves out limits that are not set, and names fields without an option', () => {
    const config: Partial<StreamConfig> = {
      name: 'ORDERS',
      subjects: ['order.>'],
      storage: 'file',
      retention: 'limits',
      discard: 'old',
      max_age: 0,
      max_msgs: -1,
      max_bytes: -1,
      max_consumers: -1,
      num_replicas: 1,
      metadata: { '_nats.level': '1', team: 'shop' },
      republish: { src: '>', dest: 'copy.>' },
      allow_rollup_hdrs: true,
    };
    expect(describeStream(config as StreamConfig)).toEqual({
      options: {
        subjects: ['order.>'],
        storage: 'file',
        retention: 'limits',
        discard: 'old',
        metadata: { team: 'shop' },
        allowRollup: true,
      },
      others: ['republish'],
    });
  });
});
