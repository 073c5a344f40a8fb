import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { headers, connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { openConnection } from '../../cli/nats/connect';
import { declaredEvents } from '../../cli/pull/declared-events';
import { pullStream, type PullOptions } from '../../cli/pull/pull-stream';
import { readCollection } from '../../cli/runner/collection';
import { runSchematic } from '../../cli/runner/run-schematic';
import { defineStream, type StreamDefinition } from '../../runtime/src/stream/define-stream';
import { streamDrift } from '../../runtime/src/stream/stream-plan';
import { compareDocuments } from '../../schematics/contract/compare-documents';
import type { Document } from '../../schematics/contract/json';
import { ContractWorkspace, partOf } from '../schematics/support/contract-project';
import { runCli } from '../support/cli-process';
import { startConfiguredServer } from '../support/configured-server';
import { startTestServer, type TestServer } from '../support/nats-server';

const MAIN = "import { NestFactory } from '@nestjs/core';\nvoid NestFactory;\n";
const MODULE = `import { NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';

@Module({
  imports: [NatsJetStreamTransport.register({ id: 'shop' })],
})
export class AppModule {}
`;
const ORDERS = 'src/orders/orders.events.ts';
const STREAM = 'src/orders/orders.stream.ts';

let server: TestServer;
let connection: NatsConnection;
let manager: JetStreamManager;
const workspaces: ContractWorkspace[] = [];

beforeAll(async () => {
  server = await startTestServer();
  connection = await connect({ servers: server.url });
  manager = await jetstreamManager(connection);
});
afterEach(async () => {
  for await (const name of manager.streams.names()) await manager.streams.delete(name);
});
afterAll(async () => {
  await connection.close();
  workspaces.forEach((each) => each.remove());
});

function workspaceOf(files: Record<string, string> = {}): ContractWorkspace {
  const workspace = new ContractWorkspace({ 'src/main.ts': MAIN, 'src/app.module.ts': MODULE, ...files });
  workspaces.push(workspace);
  return workspace;
}

const textOf = ({ root }: ContractWorkspace, path = ORDERS): string => readFileSync(join(root, path), 'utf8');

interface PullTest extends Partial<Omit<PullOptions, 'report' | 'declared'>> {
  readonly stream?: string;
  readonly style?: string;
}

/** Runs the steps of the command in this process. */
async function pull(
  workspace: ContractWorkspace,
  { stream = 'ORDERS', style, ...options }: PullTest = {},
): Promise<{ lines: string[]; changed: string[] }> {
  const lines: string[] = [];
  const declared = declaredEvents(workspace.root, stream, undefined);
  const opened = await openConnection({ server: server.url }, workspace.root, 'pull');
  const report = (line: string): void => void lines.push(line);
  const defaults = { sample: 200, literals: true, subjects: [] };
  let document: object;
  try {
    document = await pullStream(opened, stream, { ...defaults, ...options, declared, report });
  } finally {
    await opened.nats.close();
  }
  const schematic = readCollection().find(({ name }) => name === 'jetstream-import');
  if (!schematic) throw new Error('The schematic is missing.');
  const { changes } = await runSchematic({
    root: workspace.root,
    schematic,
    options: { name: stream, document, interactive: false, ...(style === undefined ? {} : { style }) },
    dryRun: false,
    say: ({ text }) => report(text),
  });
  return { lines, changed: changes.map(({ path }) => path) };
}

/** Creates a stream with messages. */
async function stored(config: Partial<StreamConfig>, messages: readonly (readonly [string, unknown])[]): Promise<void> {
  await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], ...config });
  const js = jetstream(connection);
  for (const [subject, value] of messages)
    await js.publish(subject, value instanceof Uint8Array || typeof value === 'string' ? value : JSON.stringify(value));
}

const times = <Value>(count: number, valueOf: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => valueOf(at));

const optionsOf = (document: Document) => partOf(document, 'x-jetstream-streams', 'ORDERS') ?? {};
const definitionOf = (options: object): StreamDefinition =>
  (defineStream as unknown as (each: object) => StreamDefinition)({ name: 'ORDERS', ...options });

describe('pull of a stream that our own code declares', () => {
  const EVENTS = `
import { defineStream, subject, subjectTemplate } from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: string;
  note?: string | null;
  state: 'open' | 'paid';
  lines: { sku: string; count: number }[];
  counts: Record<string, number>;
  createdAt: string;
}
export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
export const ORDER_SHIPPED = subjectTemplate<{ id: string; carrier?: string }>()('order.:id.shipped');
export const OrdersStream = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  description: "The shop's orders",
  storage: 'memory',
  discard: 'new',
  maxAge: '30d',
  maxMessages: 100000,
  maxMessagesPerSubject: 1000,
  duplicateWindow: '5m',
  compression: 's2',
  metadata: { team: 'shop' },
  allowDirect: true,
  allowMessageTtl: true,
  denyDelete: true,
  events: { ORDER_CREATED, ORDER_SHIPPED },
});
`;
  const created = times(
    40,
    (at) =>
      [
        'order.created',
        {
          id: `order ${at}`,
          ...(at % 3 ? { note: at % 2 ? null : 'late' } : {}),
          state: at % 2 ? 'open' : 'paid',
          lines: times(at % 3, (line) => ({ sku: `sku ${line}`, count: line })),
          counts: { [String(1000 + at)]: at },
          createdAt: new Date(at).toISOString(),
        },
      ] as const,
  );
  const shipped = times(
    12,
    (at) => [`order.${at}.shipped`, { id: String(at), ...(at ? { carrier: 'c' } : {}) }] as const,
  );
  it('declares the same options and compatible types, and changes nothing again', async () => {
    const original = workspaceOf({ 'src/events.ts': EVENTS }).document();
    const { config } = definitionOf(optionsOf(original));
    await stored(config, [...created, ...shipped]);
    const workspace = workspaceOf();
    const { lines } = await pull(workspace);
    // Fails for type errors.
    const pulled = workspace.document();
    expect(compareDocuments(original, pulled, { mode: 'full', allowed: [] })).toEqual([]);
    expect(optionsOf(pulled)).toEqual({ ...optionsOf(original), retention: 'limits' });
    const again = definitionOf(optionsOf(pulled));
    const { config: actual } = await manager.streams.info('ORDERS');
    expect(streamDrift(again.config, actual)).toEqual([]);
    expect(textOf(workspace)).toContain("subjectTemplate<OrderShippedEvent>()('order.:id.shipped')");
    expect(lines).toEqual([
      'order.:id.shipped: read 12 of 12 messages.',
      'order.created: read 40 of 40 messages.',
      'Pulled 2 of 2 events of stream ORDERS.',
    ]);
    expect(await pull(workspace)).toEqual({ lines, changed: [] });
  });

  it('shows the changes of the server, and keeps the code', async () => {
    await stored({ max_age: 604_800_000_000_000 }, created);
    const workspace = workspaceOf();
    await pull(workspace, { literals: false });
    const byHand = textOf(workspace).replace('id: string;', 'id: string;\n  byHand: boolean;');
    writeFileSync(join(workspace.root, ORDERS), byHand);
    await manager.streams.update('ORDERS', { max_age: 86_400_000_000_000, description: 'orders' });
    for (const [subject, value] of created.slice(0, 2))
      await jetstream(connection).publish(subject, JSON.stringify({ ...value, total: 1 }));
    await jetstream(connection).publish('order.paid', '{"id":1}');
    const { lines, changed } = await pull(workspace, { literals: false });
    expect(lines).toContain(
      `Stream ORDERS in ${STREAM} was kept. Of its options, maxAge: '1d' is maxAge: '7d' in the code; only the stream has description: 'orders'.`,
    );
    expect(lines).toContain(
      `order.created in ${ORDERS} was kept. Of its fields, only the stream has total?: number; only the code has byHand.`,
    );
    expect(changed.toSorted()).toEqual([ORDERS, STREAM]);
    expect(textOf(workspace)).toContain('byHand: boolean;');
    expect(textOf(workspace)).toContain('ORDER_PAID');
  });

  it('uses the templates of the project and of --subjects', async () => {
    const messages = ['eu', 'us'].flatMap((region) => [
      [`order.${region}.paid`, { region }] as const,
      [`order.${region}.sent`, { region }] as const,
    ]);
    await stored({}, messages);
    const workspace = workspaceOf();
    const first = await pull(workspace, { subjects: ['order.:region.paid'] });
    expect(first.lines).toEqual([
      'order.:region.paid: read 2 of 2 messages.',
      'Pulled 1 of 1 events of stream ORDERS.',
    ]);
    writeFileSync(join(workspace.root, ORDERS), textOf(workspace).replace(':region.paid', ':area.paid'));
    const { lines } = await pull(workspace, { subjects: ['order.>'] });
    expect(lines).toContain('order.:area.paid: read 2 of 2 messages.');
    expect(lines).toContain('order.eu.sent: read 1 of 1 messages.');
    expect((await pull(workspace, { subjects: ['invoice.>'] })).lines[0]).toBe(
      'Stream ORDERS has no messages of invoice.>.',
    );
  });
});

describe('pull infers events', () => {
  it('from their own messages, without those of more specific events', async () => {
    await stored({}, [
      ['order.42.paid', { total: 1 }],
      ['order.43.paid', { total: 2 }],
      ['order.test.paid', { run: 'x' }],
    ]);
    const workspace = workspaceOf();
    const { lines } = await pull(workspace);
    expect(lines).toEqual([
      'order.:orderId.paid: read 2 of 2 messages.',
      'order.test.paid: read 1 of 1 messages.',
      'Pulled 2 of 2 events of stream ORDERS.',
    ]);
    expect(textOf(workspace)).toContain('Event {\n  total: number;\n}');
  });

  it('from JSON objects only', async () => {
    const binary = new Uint8Array([8, 150, 1, 255]);
    await stored({}, [
      ['order.binary', binary],
      ['order.empty', ''],
      ['order.list', '[1]'],
      ['order.mixed', '{"id":1}'],
      ['order.mixed', binary],
      ['order.mixed', ''],
      ['order.mixed', '"text"'],
      ['order.map', { '1001': 1, '1002': 2 }],
      ['order.nothing', {}],
    ]);
    const marker = headers();
    marker.set('Nats-Marker-Reason', 'MaxAge');
    await jetstream(connection).publish('order.mixed', '', { headers: marker });
    const workspace = workspaceOf();
    const { lines } = await pull(workspace);
    expect(lines).toEqual([
      'Skipped event order.binary. No JSON object was read, only 1 not JSON in UTF-8.',
      'Skipped event order.empty. No JSON object was read, only 1 empty.',
      'Skipped event order.list. No JSON object was read, only 1 not an object.',
      'Skipped event order.map. Its messages are maps, whose keys are ids. Declare the event by hand.',
      'order.mixed: read 5 of 5 messages. Left out: 1 not JSON in UTF-8, 1 empty, 1 not an object, 1 with a delete marker.',
      'Skipped event order.nothing. Its messages are empty objects.',
      'Pulled 1 of 1 events of stream ORDERS.',
    ]);
    expect(textOf(workspace)).toContain('export interface OrderMixedEvent {\n  id: number;\n}');
  });

  it('without any value of a message', async () => {
    const secrets = ['Anna', 'Berg', 'anna@example.com', '4111111111111111', 'tok-secret', 'Lindenallee'];
    const [first, last, email, card, token, street] = secrets;
    const person = { first, last, email, card, token, street, status: first, type: 'private' };
    await stored({}, [
      ...times(
        40,
        (at) =>
          [
            'order.created',
            {
              state: at % 2 ? 'open' : 'paid',
              by: first,
              [`${email}`]: 1,
              customer: { ...person, type: at % 2 ? first : last },
              people: [person],
              totals: { [`${email}`]: { name: last } },
            },
          ] as const,
      ),
      ['order.anna@example_com.seen', { at: first }],
    ]);
    for (const style of ['interface', 'class']) {
      const workspace = workspaceOf();
      const { changed } = await pull(workspace, { style });
      const code = changed.map((path) => textOf(workspace, path)).join('\n');
      expect(code).toMatch(/state!?: 'open' \| 'paid';/);
      expect(secrets.filter((secret) => code.includes(secret))).toEqual([]);
      workspace.document();
    }
  });

  it('from hostile subjects, keys and values, as data', async () => {
    const hostile = ['*/ globalThis.x=1 /*', "a'b", 'a`b${1}', 'x\u2028y', '\u001b[31m', 'constructor', '', '"', '\\'];
    const value = JSON.stringify(Object.fromEntries(hostile.map((text) => [text, { [text]: text }])));
    await stored({}, [
      ['order.created', value.replace('{', '{"__proto__":{"a":1},')],
      ['order.!/x.paid', { id: 1 }],
      ['order.default', { id: 1 }],
      ["order.';exit(1);'.sent", { id: 1 }],
    ]);
    const workspace = workspaceOf();
    const { lines } = await pull(workspace);
    expect(lines).toContain('order.created: check these fields: __proto__ (objects cannot store it).');
    const { channels } = workspace.document();
    expect(Object.keys(channels ?? {}).toSorted()).toEqual([
      'order.:orderId.paid',
      'order.:orderId.sent',
      'order.created',
      'order.default',
    ]);
    for (const character of ['\u2028', '\u001b']) expect(textOf(workspace)).not.toContain(character);
  });

  it('from a bounded number of messages and bytes', async () => {
    await stored({ storage: 'memory' }, []);
    for (let id = 0; id < 3_000; id += 1)
      connection.publish('order.created', JSON.stringify({ id, late: id > 2_900 || undefined }));
    const large = JSON.stringify({ text: 'x'.repeat(900_000) });
    for (let at = 0; at < 10; at += 1) await jetstream(connection).publish('order.large', large);
    const workspace = workspaceOf();
    const { lines } = await pull(workspace, { sample: 30 });
    expect(lines).toContain('order.created: read 30 of 3000 messages.');
    // Messages of all ages.
    expect(textOf(workspace)).toContain('late?: boolean;');
    const [, read] = /order\.large: read (\d+) of 10/.exec(lines.join('\n')) ?? [];
    expect(Number(read)).toBeLessThanOrEqual(6);
  });

  it('from the subjects of some messages if there are too many', async () => {
    await stored({ storage: 'memory' }, []);
    for (let id = 0; id < 20_001; id += 1) connection.publish(`order.${id}.created`, `{"id":${id}}`);
    await connection.flush();
    await jetstream(connection).publish('order.paid', '{"id":1}');
    const { lines } = await pull(workspaceOf(), { sample: 10 });
    expect(lines.slice(0, 3)).toEqual([
      expect.stringMatching(
        /^Stream ORDERS has 20002 subjects\. Its events were derived from the subjects of \d+ messages\./,
      ),
      'order.:id.created: read 10 messages.',
      'order.paid: read 1 message.',
    ]);
  });

  it('of a work queue, without taking its messages', async () => {
    await stored({ retention: 'workqueue' }, [['order.created', { id: 1 }]]);
    const workspace = workspaceOf();
    await pull(workspace);
    expect((await manager.streams.info('ORDERS')).state).toMatchObject({ messages: 1, consumer_count: 0 });
    expect(textOf(workspace, STREAM)).toContain("retention: 'workqueue'");
  });

  it('but not those of sources and subject transforms', async () => {
    await stored({ name: 'EU', subjects: ['eu.>'] }, [['eu.created', { id: 1 }]]);
    await stored({ sources: [{ name: 'EU' }], republish: { src: 'order.>', dest: 'copy.>' } }, [
      ['order.created', { id: 1 }],
    ]);
    const workspace = workspaceOf();
    const { lines } = await pull(workspace, { subjects: ['order.>', 'eu.>'] });
    expect(lines[0]).toBe(
      'Stream ORDERS also has sources, republish. defineStream has no such options, and the server keeps them.',
    );
    expect(lines.slice(1).filter((line) => !line.startsWith('Skipped event eu.created.'))).toEqual([
      'order.created: read 1 of 1 messages.',
      'Pulled 1 of 1 events of stream ORDERS.',
    ]);
  });

  it('if there are any', async () => {
    await stored({}, []);
    const workspace = workspaceOf();
    const { lines } = await pull(workspace);
    expect(lines).toEqual([
      'Stream ORDERS has no messages, so no events were inferred.',
      'Pulled 0 of 0 events of stream ORDERS.',
    ]);
    const code = textOf(workspace, STREAM);
    expect(code).toContain("discard: 'old',\n  duplicateWindow: '2m',\n});");
    expect(code).not.toContain('maxAge');
  });
});

describe('pull refuses', () => {
  it.each<[Partial<StreamConfig>, string, string]>([
    [{ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'] }, 'INTERNAL_STREAM', 'Pull ORDERS instead.'],
    [{ name: 'JETSTREAM_ATTEMPTS', subjects: ['jetstream-attempts.>'] }, 'INTERNAL_STREAM', 'attempts of handlers'],
    [{ name: 'KV_cart', subjects: ['$KV.cart.>'] }, 'INTERNAL_STREAM', 'key-value bucket cart'],
    [{ name: 'OBJ_files', subjects: ['$O.files.C.>', '$O.files.M.>'] }, 'INTERNAL_STREAM', 'object store files'],
    [{ name: 'SYSTEM', subjects: ['$JS.EVENT.ADVISORY.API'] }, 'INTERNAL_STREAM', "'$JS.EVENT.ADVISORY.API'"],
    [{ name: 'COPY', mirror: { name: 'BASE' } }, 'NO_SUBJECTS', 'Stream COPY mirrors BASE'],
    [{ name: 'ALL', sources: [{ name: 'BASE' }] }, 'NO_SUBJECTS', 'Stream ALL copies BASE'],
    [{ name: 'ODD', subjects: ['a/b.>'] }, 'NOTHING_TO_IMPORT', 'Stream ODD cannot be declared. '],
    [{ name: 'a,b', subjects: ['c.>'] }, 'NOTHING_TO_IMPORT', 'Rename the stream.'],
  ])('the stream %j', async (config, code, part) => {
    await manager.streams.add({ name: 'BASE', subjects: ['base.>'] });
    await manager.streams.add(config as StreamConfig & { name: string });
    await expect(pull(workspaceOf(), { stream: config.name ?? '' })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part),
    });
  });

  it('a stream whose subjects another stream of the project has', async () => {
    await stored({}, [['order.created', { id: 1 }]]);
    const source =
      "import { defineStream } from '@nest-jetstream/transport';\nexport const Shop = defineStream({ name: 'SHOP', subjects: ['order.>'] });\n";
    await expect(pull(workspaceOf({ 'src/shop.stream.ts': source }))).rejects.toMatchObject({
      code: 'NOTHING_TO_IMPORT',
      message: expect.stringContaining("overlaps 'order.>' of stream SHOP"),
    });
  });
});

const cli = async (workspace: ContractWorkspace, ...words: string[]) =>
  runCli(['pull', ...words], { cwd: workspace.root, env: { NATS_URL: server.url, NODE_OPTIONS: '', CI: 'true' } });

describe('nest-jetstream pull', () => {
  it('prints the code with --dry-run, and writes it without', async () => {
    await stored({}, [['order.created', { id: 1, note: 'secret' }]]);
    const workspace = workspaceOf();
    const dry = await cli(workspace, 'ORDERS', '--dry-run');
    expect(dry).toMatchObject({ code: 0, errors: 'order.created: read 1 of 1 messages.\n' });
    expect(dry.output).toContain('Dry run. No file was written.\n');
    expect(dry.output).toContain(`// ${ORDERS}\nimport { subject } from `);
    expect(dry.output).toContain('  note: string;\n');
    expect(() => textOf(workspace)).toThrow(/ENOENT/);
    const { code, output } = await cli(workspace, 'ORDERS', '--consumers', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      dryRun: false,
      files: expect.arrayContaining([expect.objectContaining({ path: 'src/orders/order-created.consumer.ts' })]),
    });
    workspace.document();
  });

  it.each([
    [['ORDER'], "error: Stream 'ORDER' does not exist. Did you mean 'ORDERS'? Known streams: ORDERS.\n"],
    [['order.>'], 'error: Value "order.>" of option \'stream\' must be the name of a stream, such as ORDERS.'],
    [['ORDERS', '--sample', '-1'], 'Expected a whole number from 0 to 10000.'],
    [['ORDERS', '--subjects', 'a b'], "Expected subjects such as order.created, order.> or 'order.:region.created'."],
    [['ORDERS', '--server', 'nats://127.0.0.1:1'], 'error: Cannot connect to nats://127.0.0.1:1'],
  ])('fails for %j', async (words, message) => {
    await stored({}, []);
    const { code, errors } = await cli(workspaceOf(), ...words);
    expect(code).toBe(1);
    expect(errors).toContain(message);
    expect(errors).not.toContain('    at ');
  });

  it('names the missing permission, and does not suggest streams that it may not list', async () => {
    const { url } = await startConfiguredServer(`
      accounts { SHOP { jetstream: enabled, users: [
        { user: shop, password: secret }
        { user: info, password: secret, permissions: { publish: "$JS.API.STREAM.INFO.*", subscribe: "_INBOX.>" } }
      ] } }`);
    const admin = await connect({ servers: url, user: 'shop', pass: 'secret' });
    await (await jetstreamManager(admin)).streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await jetstream(admin).publish('order.created', '{"id":1}');
    await admin.close();
    const words = ['--server', url, '--user', 'info', '--password', 'secret'];
    expect(await cli(workspaceOf(), 'ORDERS', ...words)).toEqual({
      code: 1,
      output: '',
      errors:
        "error: Not allowed to publish to '$JS.API.STREAM.MSG.GET.ORDERS'. Allow it for the user of the connection.\n",
    });
    expect((await cli(workspaceOf(), 'ORDER', ...words)).errors).toBe(
      "error: Stream 'ORDER' does not exist. Check --server, the credentials and --domain.\n",
    );
    expect(await cli(workspaceOf(), 'ORDERS', '--sample', '0', ...words)).toMatchObject({
      code: 0,
      output: expect.stringContaining('Pulled 0 of 0 events of stream ORDERS.'),
    });
  });
});
