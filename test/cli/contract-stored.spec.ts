import { headers } from '@nats-io/transport-node';
import { checkStored } from '../../cli/contract/check-stored';
import { storedLines } from '../../cli/contract/stored-report';
import type { Contract } from '../../schematics/contract/read-contract';
import { ContractWorkspace } from '../schematics/support/contract-project';
import { runCli } from '../support/cli-process';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { onTerminal } from '../support/on-terminal';

const SOURCE = `
import { defineStream, subject, subjectTemplate } from '@nest-jetstream/transport';
export interface OrderCreatedEvent { id: number; placedAt: Date; note?: string }
export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
export const ORDER_SHIPPED = subjectTemplate<{ weight: number }>()('order.:region.shipped');
export const ORDER_IMAGE = subject<{ width: number }>()('order.image');
export const Orders = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ORDER_CREATED, ORDER_SHIPPED } });
`;
/** Events that another project stores, and an event whose handlers receive only headers. */
const OTHERS = `
import { Controller } from '@nestjs/common';
import { JetStreamConsumer } from '@nest-jetstream/transport';
export const PAYMENT_MADE = subject<{ amount: number }>()('payment.made');
export const REFUND_MADE = subject<{ amount: number }>()('refund.made');
export const PAYMENT_LOGGED = subject<{ amount: number }>()('payment.logged');
@Controller()
export class PaymentLog {
  @JetStreamConsumer(PAYMENT_LOGGED, { headersOnly: true })
  handle(): void {}
}
`;
type Message = readonly [subject: string, data: string];
const PLACED_AT = '2026-01-31T12:00:00.000Z';
const SECRET = 'alice@example.com';

let workspace: ContractWorkspace;
let contract: Contract;
let url: string;
let jetStream: JetStreamProbe;
const check = async (...words: string[]) =>
  runCli(['contract', 'check', ...words], { cwd: workspace.root, env: { NODE_OPTIONS: '', NATS_URL: url } });
/** Checks messages of the events that a stream stores, without the command line. */
const checkEvents = async (prefix: string, limit = Number.POSITIVE_INFINITY) => {
  const connection = { nats: jetStream.connection, servers: url, jetStream: { checkAPI: false } };
  const found = await checkStored(
    connection,
    {
      ...contract,
      subjects: contract.subjects.filter(({ text }) => text.startsWith(prefix)),
      streams: contract.streams.filter(({ name }) => name === `${prefix.toUpperCase()}S`),
    },
    { limit, allowed: [], report: () => undefined, signal: new AbortController().signal },
  );
  return { found, lines: storedLines(found) };
};
const order = (id: unknown): string => JSON.stringify({ id, placedAt: PLACED_AT });

/** Publishes messages without waiting for each PubAck. */
async function fill(stream: string, messages: readonly Message[]): Promise<void> {
  for (const [subject, data] of messages) jetStream.connection.publish(subject, data);
  await eventually('all are stored', async () => {
    const { state } = await jetStream.manager.streams.info(stream);
    return state.messages === messages.length;
  });
}

const tenThousand = Array.from({ length: 10_000 }, (_, index): Message => [
  'order.created',
  order(index === 6_999 ? SECRET : index),
]);

beforeAll(async () => {
  workspace = new ContractWorkspace({ 'src/main.ts': SOURCE + OTHERS });
  contract = workspace.contract();
  workspace.write({ 'src/main.ts': SOURCE });
  ({ url } = await startTestServer());
});
afterAll(() => workspace.remove());
beforeEach(async () => {
  jetStream = await probe(url);
  for await (const name of jetStream.manager.streams.names()) await jetStream.manager.streams.delete(name);
});

describe('nest-jetstream contract check --stored', () => {
  it('finds one bad message in 10,000', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], allow_direct: true });
    await fill('ORDERS', tenThousand);
    expect(await check('--stored')).toEqual({
      code: 2,
      output: `order.created  OrderCreatedEvent
  bad     /id  expected number, found string
          ORDERS 7000
ORDERS: 10,000 messages read.
1 stored message differs from the event. Handlers of this version would receive it.
`,
      errors: '',
    });
  });

  it('compares with a document in the same run, and accepts exceptions for both', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await fill(
      'ORDERS',
      Array.from({ length: 7 }, (): Message => ['order.created', '{"id":1}']),
    );
    workspace.write({ 'before.json': JSON.stringify(workspace.document()) });
    const both = await check('--stored', '--against', 'before.json');
    expect(both.output).toBe(`No breaking changes.
order.created  OrderCreatedEvent
  bad     /placedAt  is required, and missing
          ORDERS 1, 2, 3, 4, 5, … (7 messages)
ORDERS: 7 messages read.
7 stored messages differ from the event. Handlers of this version would receive them.
`);
    expect(both.code).toBe(2);
    workspace.write({ 'nest-cli.json': '{ "jetstream": { "allowBreaking": ["order.created#/placedAt"] } }' });
    const allowed = await check('--stored', '--against', 'before.json', '--json');
    expect(allowed.code).toBe(0);
    expect(JSON.parse(allowed.output)).toMatchObject({
      changes: [],
      unused: [],
      stored: { streams: [{ bad: 0, problems: [{ level: 'allowed', count: 7 }] }] },
    });
    workspace.write({ 'nest-cli.json': '{}' });
  });

  it('stops on Ctrl-C, and prints its result until then', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await fill('ORDERS', tenThousand);
    const { code, output } = await onTerminal(
      `contract check --stored --server ${url}`,
      [['Ctrl-C stops.', '\u0003']],
      workspace.root,
    );
    expect(code).toBe(130);
    expect(output).toMatch(/ORDERS: [\d,]+ of 10,000 messages read\. To read all/);
  });

  it.each([
    [[], 'There is nothing to compare with. Pass an earlier document with --against'],
    [['--against', 'a.yaml', '--sample', '5'], '--sample and the flags of a connection need --stored. Add it.'],
    [['--against', 'a.yaml', '--user', 'shop'], '--sample and the flags of a connection need --stored. Add it.'],
    [['--stored', '--sample', '0'], "Expected a whole number from 1, or 'all'."],
    [['--stored', '--server', 'nats://127.0.0.1:1'], 'Cannot connect to nats://127.0.0.1:1'],
  ])('refuses %j', async (words, message) => {
    const { code, output, errors } = await check(...words);
    expect([code, output]).toEqual([1, '']);
    expect(errors).toContain(message);
    expect(errors).not.toContain('    at ');
  });
});

describe('checkStored', () => {
  it('finds one bad message in 10,000 without direct access', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await fill('ORDERS', tenThousand);
    const { found } = await checkEvents('order');
    expect(found.streams).toMatchObject([
      { read: 10_000, isComplete: true, bad: 1, problems: [{ sequences: [7_000] }] },
    ]);
  });

  it('samples a large stream, and its rare events in full', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], allow_direct: true });
    const messages = Array.from({ length: 2_000 }, (_, index): Message => ['order.created', order(index)]);
    await fill('ORDERS', messages.with(1_001, ['order.eu.shipped', '{}']));
    const { found, lines } = await checkEvents('order', 50);
    const problem = { subject: 'order.:region.shipped', stream: 'ORDERS', path: '/weight', count: 1 };
    expect(found.streams).toMatchObject([
      { messages: 2_000, read: 51, isComplete: false, bad: 1, problems: [{ ...problem, sequences: [1_002] }] },
    ]);
    expect(lines).toContain('ORDERS: 51 of 2,000 messages read. To read all, add --sample all.');
  });

  it('reports each kind of message, and no values', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const marker = headers();
    marker.set('Nats-Marker-Reason', 'MaxAge');
    const { client } = jetStream;
    await client.publish('order.created', order(1));
    await client.publish('order.created', JSON.stringify({ id: 1, placedAt: SECRET, '\u001b[31m': { [SECRET]: 1 } }));
    await client.publish('order.created', 'no JSON');
    await client.publish('order.created');
    await client.publish('order.created', new Uint8Array(), { headers: marker });
    await client.publish('order.eu.shipped', '{"weight":9007199254740993}');
    await client.publish('order.us.shipped', '{"weight":1}');
    await client.publish('order.image', new Uint8Array([0xff, 0xd8]));
    await client.publish('order.anna@example', '{}');
    const { lines } = await checkEvents('order');
    expect(lines).toEqual([
      'order.:region.shipped  ORDER_SHIPPED',
      '  bad     /weight  is an integer that loses digits as a number',
      '          ORDERS 6',
      'order.created  OrderCreatedEvent',
      '  bad     /placedAt  is not a date',
      '          ORDERS 2',
      '  bad     is not JSON',
      '          ORDERS 3',
      '  bad     is empty',
      '          ORDERS 4',
      'ORDERS: 9 messages read.',
      'note: No message of order.image in ORDERS is JSON (1 read). They were not checked, because a codec may decode them.',
      'note: 1 message in ORDERS of no declared event (sequence 9).',
      'note: 1 delete marker in ORDERS.',
      '4 stored messages differ from the event. Handlers of this version would receive them.',
    ]);
  });

  it('accepts a stream that does not exist yet', async () => {
    const { lines } = await checkEvents('order');
    expect(lines).toEqual([
      'ORDERS does not exist, so it stores no messages.',
      'No stored message differs from its event.',
    ]);
  });

  it('finds the streams of events that another project stores', async () => {
    await jetStream.manager.streams.add({ name: 'PAYMENTS', subjects: ['payment.>'], retention: 'workqueue' });
    await fill('PAYMENTS', [
      ['payment.made', '{"amount":"1"}'],
      ['payment.other', '{}'],
      ['payment.logged', ''],
    ]);
    expect((await checkEvents('payment')).lines).toEqual([
      'payment.made  PAYMENT_MADE',
      '  bad     /amount  expected number, found string',
      '          PAYMENTS 1',
      'PAYMENTS: 2 messages read.',
      'note: 1 message of payment.logged in PAYMENTS was not checked, because its handlers receive headers only.',
      '1 stored message differs from the event. Handlers of this version would receive it.',
    ]);
    expect((await checkEvents('refund')).lines).toEqual([
      'note: No stream stores refund.made.',
      'No stored message differs from its event.',
    ]);
  });
});
