import { Ajv } from 'ajv';
import { decodeJson } from '../../schematics/contract/decode-json';
import type { Contract } from '../../schematics/contract/read-contract';
import { MessageValidator } from '../../schematics/contract/validate-message';
import { ContractWorkspace } from './support/contract-project';

/** A type of an event with JSON that a handler can read, and with JSON that it cannot. */
interface Case {
  readonly type: string;
  readonly good: readonly string[];
  /** JSON with its problems, as `path text`. */
  readonly bad: Readonly<Record<string, string | readonly string[]>>;
}

const CASES: readonly Case[] = [
  {
    type: 'string',
    good: ['"a"', '""'],
    bad: { '1': ' expected string, found number', null: ' expected string, found null' },
  },
  { type: 'number', good: ['1', '-1.5', '1e300'], bad: { '"1"': ' expected number, found string' } },
  { type: 'boolean', good: ['true', 'false'], bad: { '0': ' expected boolean, found number' } },
  {
    type: '{ id: number; note?: string }',
    good: ['{"id":1}', '{"id":1,"note":"a","more":[{}]}'],
    bad: {
      '{}': '/id is required, and missing',
      '{"id":1,"note":null}': '/note expected string, found null',
      '{"id":"1","note":2}': ['/id expected number, found string', '/note expected string, found number'],
      '[]': ' expected object, found array',
      null: ' expected object, found null',
    },
  },
  {
    type: '{ a: string | null }',
    good: ['{"a":null}', '{"a":"x"}'],
    bad: { '{}': '/a is required, and missing', '{"a":1}': '/a expected null | string, found number' },
  },
  {
    type: '{ a: string | undefined }',
    good: ['{}', '{"a":"x"}'],
    bad: { '{"a":null}': '/a expected string, found null' },
  },
  {
    type: '{ "a/b~c": number }',
    good: ['{"a/b~c":1}'],
    bad: { '{"a/b~c":""}': '/a~1b~0c expected number, found string' },
  },
  {
    type: '{ constructor: string }',
    good: ['{"constructor":"x"}'],
    bad: { '{}': '/constructor is required, and missing' },
  },
  {
    type: '"eur" | "usd"',
    good: ['"eur"'],
    bad: { '"gbp"': ' expected "eur" | "usd", found another string', '1': ' expected "eur" | "usd", found number' },
  },
  { type: '1', good: ['1', '1.0'], bad: { '2': ' expected 1, found another number' } },
  {
    type: 'string | 1',
    good: ['"a"', '1'],
    bad: { '2': ' expected 1 | string, found another number', true: ' expected 1 | string, found boolean' },
  },
  {
    type: 'Date',
    good: ['"2026-01-31T12:00:00.000Z"', '"2026-01-31T12:00:00+01:00"'],
    bad: { '"soon"': ' is not a date', '1': ' expected string (date-time), found number' },
  },
  { type: '`order-${number}`', good: ['"order-1"'], bad: { '"order-a"': ' does not match its template' } },
  { type: '`a${string}` | number', good: ['"ab"', '1'], bad: { '"b"': ' matches no member of the union' } },
  {
    type: 'number[]',
    good: ['[]', '[1,2]'],
    bad: {
      '[1,"2","3",null]': ['/* expected number, found string', '/* expected number, found null'],
      '{}': ' expected array, found object',
    },
  },
  {
    type: '[string, number?]',
    good: ['["a"]', '["a",1]', '["a",null]'],
    bad: {
      '[]': ' has too few elements',
      '["a",1,2]': ' has too many elements',
      '["a","b"]': '/1 expected null | number, found string',
    },
  },
  {
    type: '[number, ...string[], boolean]',
    good: ['[1,true]', '[1,"a","b",true]'],
    bad: {
      '["a",true]': '/0 expected number, found string',
      '[1,{},true]': '/* expected string | boolean, found object',
      '[1]': ' has too few elements',
    },
  },
  {
    type: '[string, ...number[]]',
    good: ['["a"]', '["a",1,2]'],
    bad: { '["a",1,"2"]': '/* expected number, found string', '[1]': '/0 expected string, found number' },
  },
  {
    type: 'Record<string, number>',
    good: ['{}', '{"a":1,"__proto__":2}'],
    bad: {
      '{"alice@example.com":"1","bob@example.com":"2"}': '/* expected number, found string',
      '{"__proto__":""}': '/* expected number, found string',
    },
  },
  {
    type: '{ id: number; [key: string]: number | string }',
    good: ['{"id":1,"a":""}'],
    bad: {
      '{"id":"a"}': '/id expected number, found string',
      '{"id":1,"b":null}': '/* expected number | string, found null',
    },
  },
  { type: 'object', good: ['{"a":null}'], bad: { '[]': ' expected object, found array' } },
  { type: '{ any: unknown }', good: ['{"any":null}', '{"any":[1]}'], bad: { '{}': '/any is required, and missing' } },
  { type: 'Line', good: ['{"price":1}'], bad: { '{"price":null}': '/price expected number, found null' } },
  {
    type: '{\n/** All of them. */\nlines: Line[]; first: Line }',
    good: ['{"lines":[],"first":{"price":1}}'],
    bad: {
      '{"lines":[{"price":""},{}],"first":[]}': [
        '/first expected object, found array',
        '/lines/*/price expected number, found string',
        '/lines/*/price is required, and missing',
      ],
    },
  },
  {
    type: 'Tree',
    good: ['{"value":1,"children":[{"value":2,"children":[]}]}'],
    bad: {
      '{"value":1,"children":[{"value":1,"children":[{"children":[]}]}]}':
        '/children/*/children/*/value is required, and missing',
    },
  },
  {
    type: 'Card | Bank',
    good: ['{"kind":"card","number":"1"}', '{"kind":"bank","iban":"1"}'],
    bad: {
      '{"kind":"card"}': '/number is required, and missing',
      '{"kind":"bank","iban":1}': '/iban expected string, found number',
      '{"kind":"cash"}': '/kind matches no member of the union',
      '{}': '/kind is required, and missing',
    },
  },
  {
    type: '{ a: string } | { b: number } | null',
    good: ['{"a":""}', '{"b":1}', 'null'],
    bad: { '{"b":""}': '/b expected number, found string', '[]': ' expected null | object, found array' },
  },
  {
    type: 'Node1',
    good: ['{"next":{"next":{"a":1}}}', '{"b":"1"}'],
    bad: {
      '{}': ' matches no member of the union',
      '{"next":{"next":{"a":""}}}': '/next/next/a expected number, found string',
    },
  },
];
const DECLARATIONS = `
import { subject } from '@nest-jetstream/transport';
interface Line { price: number }
interface Tree { value: number; children: Tree[] }
interface Card { kind: 'card'; number: string }
interface Bank { kind: 'bank'; iban: string }
type Node1 = { next: Node1 } | { next: Node1; x: string } | { a: number } | { b: string };
`;

let contract: Contract;
beforeAll(() => {
  const events = CASES.map(({ type }, index) => `subject<{ v: ${type} }>()('test.t${index}');`);
  const workspace = new ContractWorkspace({ 'src/main.ts': DECLARATIONS + events.join('\n') });
  contract = workspace.contract();
  workspace.remove();
});

const schemaOf = (index: number) => {
  const subject = contract.subjects.find(({ text }) => text === `test.t${index}`);
  if (!subject) throw new Error(`The contract has no event ${index}.`);
  return subject.schema;
};
const decoded = (json: string) => decodeJson(new TextEncoder().encode(json));

/** Returns the problems of JSON, as `path text`. */
function problemsOf(index: number, json: string): string[] {
  const { value } = decoded(`{"v":${json}}`) ?? {};
  const problems = new MessageValidator(contract.schemas).problemsOf(value, schemaOf(index));
  return problems.map(({ path, text }) => `${path.replace(/^\/v/, '')} ${text}`);
}

describe.each(CASES.map((each, index) => ({ ...each, index })))('a handler of $type', ({ index, good, bad }) => {
  it.each(good)('reads %s', (json) => {
    expect(problemsOf(index, json)).toEqual([]);
  });

  it.each(Object.entries(bad))('cannot read %s', (json, problems) => {
    expect(problemsOf(index, json)).toEqual([problems].flat());
  });
});

const nested = (depth: number): string => `${'{"next":'.repeat(depth)}{"c":1}${'}'.repeat(depth)}`;

describe('MessageValidator', () => {
  const ALL_JSON = [...new Set(CASES.flatMap(({ good, bad }) => [...good, ...Object.keys(bad)]))];

  it('agrees with ajv about each type and each JSON', () => {
    const ajv = new Ajv({
      strict: false,
      ownProperties: true,
      formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) },
    });
    const differences: string[] = [];
    for (const [index, { type }] of CASES.entries()) {
      const schema = { allOf: [schemaOf(index)], components: { schemas: contract.schemas } };
      const validate = ajv.compile(schema);
      for (const json of ALL_JSON) {
        const isValid = validate(JSON.parse(`{"v":${json}}`));
        if ((problemsOf(index, json).length === 0) !== isValid)
          differences.push(`${type}: ${json} is valid: ${isValid}`);
      }
    }
    expect(ALL_JSON.length).toBeGreaterThan(60);
    expect(differences).toEqual([]);
  });

  const indexOf = (type: string): number => CASES.findIndex((each) => each.type === type);
  const DEEP = 'is nested too deeply to be checked';

  it('reads nested unions once, and stops at a depth', () => {
    // Each level would otherwise double the time.
    expect(problemsOf(indexOf('Node1'), nested(40))).toEqual([`${'/next'.repeat(40)} matches no member of the union`]);
    expect(problemsOf(indexOf('Node1'), nested(5_000))).toEqual([expect.stringContaining(DEEP)]);
  });

  it('does not run a template for a long time', () => {
    const schema = { type: 'string', pattern: '^[\\s\\S]*a[\\s\\S]*a[\\s\\S]*b$' };
    expect(new MessageValidator({}).problemsOf('a'.repeat(1_000_000), schema)).toEqual([]);
    expect(new MessageValidator({}).problemsOf('aaa', schema)).toHaveLength(1);
  });

  it.each([
    ['9007199254740993', true],
    ['-9007199254740993', true],
    ['12345678901234567890123', true],
    ['9007199254740992', false],
    ['100000000000000000000', false],
    ['1e30', false],
    ['0.12345678901234567890', false],
  ])('reports an integer that loses digits: %s', (json, isLost) => {
    const lost = [' is an integer that loses digits as a number'];
    expect(problemsOf(indexOf('number'), json)).toEqual(isLost ? lost : []);
    const inList = problemsOf(indexOf('number[]'), `[1, ${json} ]`);
    expect(inList).toEqual(isLost ? ['/* is an integer that loses digits as a number'] : []);
    // Undeclared properties are not read.
    expect(problemsOf(indexOf('Line'), `{"price":1,"\\u001b[31m":${json},"__proto__":${json}}`)).toEqual([]);
  });
});

describe('decodeJson', () => {
  it.each([
    ['text', 'text'],
    ['two values', '{} {}'],
    ['no data', ''],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['gzip', Buffer.from('1f8b0800', 'hex')],
  ])('returns undefined for %s', (_name, data) => {
    expect(decodeJson(Buffer.from(data))).toBeUndefined();
  });

  it('reads lists that are nested very deeply', () => {
    expect(decoded(`${'['.repeat(100_000)}9007199254740993${']'.repeat(100_000)}`)).toBeDefined();
  });

  it('keeps the last value of a key, as JSON.parse does', () => {
    expect(decoded('{"a":9007199254740993,"a":1}')).toEqual({ value: { a: 1 } });
  });
});
