import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { NestProject, type ProjectKind } from '../support/nest-project';
import { startApp } from '../support/running-app';
import { payloadOf, writeContract } from './stories/contract';

const PLAY = join(__dirname, 'fixtures', 'schematics', 'play.ts');
const FIELDS =
  "id: number; note?: string; status: 'new' | 'paid'; at: string | null; tags: string[]; lines: { sku: string; count?: number }[]; map: Record<string, number>; ship: { street: string }; either: string | number; pair: [string, number]";

/** The schema library differs per kind of project. */
const KINDS: readonly (readonly [kind: ProjectKind, library: string])[] = [
  ['Nest 12 ESM', 'zod'],
  ['Nest 12 CommonJS', 'valibot'],
  ['Nest 11', 'zod'],
];

/** Commands of `nest g` for every schematic without options. */
const DEFAULTS = [
  ['jetstream-stream', 'orders'],
  ['jetstream-event', 'order.noted'],
  ['jetstream-consumer', 'order.created'],
  ['jetstream-publisher', 'orders'],
  ['jetstream-request', 'quote.price'],
];

const CONSUMER = '--durable mine --concurrency 2 --manual-ack --ack-wait 20s --max-deliver 3 --retry-delay 100ms 1s';
const LIMITS = '--max-age 30d --max-messages 1000 --max-bytes 1048576 --max-message-size 65536 --duplicate-window 10s';

/** Commands of the command line for every schematic with all options. */
const ALL_OPTIONS = [
  [
    ...words(
      'stream invoices --subjects invoice.> bill.* --storage memory --retention limits --discard old --path money',
    ),
    ...words(`${LIMITS} --replicas 1`),
  ],
  [...words('event invoice.sent --style class --event-name InvoiceSent --stream INVOICES'), '--type', FIELDS],
  [
    ...words(
      `consumer invoice.paid --style class --path billing --event-name InvoicePaid --stream INVOICES --spec-file-suffix spec ${CONSUMER}`,
    ),
    '--type',
    FIELDS,
  ],
  [...words('consumer invoice.batched --style class --batch 5'), '--type', FIELDS],
  [...words('consumer invoice.lost --template invoice.:region.lost --style schema'), '--type', FIELDS],
  [...words('consumer order.counted --style schema --batch 3 --manual-ack --no-spec'), '--type', FIELDS],
  ['consumer', 'order.created', '--name', 'billing'],
  ['consumer', 'payment.captured', '--create-stream'],
  ['consumer', 'order.*'],
  ['consumer', 'invoice.*'],
  ['publisher', 'invoices', '--path', 'billing', '--controller'],
  // The publisher exists, and has the methods of the later events.
  ['publisher', 'orders', '--controller'],
  [
    ...words('request quote.class --style class --request-name QuoteChecked --path sales'),
    '--reply',
    'total: number; lines: { price: number }[]',
    '--type',
    FIELDS,
  ],
  [...words('request quote.schema --style schema --flat'), '--reply', 'total: number', '--type', FIELDS],
];

/** Durables, with the number of the seven published events that each receives. */
const HANDLED: Readonly<Record<string, readonly [stream: string, count: number]>> = {
  'shop-order-created': ['ORDERS', 1],
  'shop-billing-order-created': ['ORDERS', 1],
  'shop-order-counted': ['ORDERS', 1],
  'shop-any-order': ['ORDERS', 3],
  mine: ['INVOICES', 1],
  'shop-any-invoice': ['INVOICES', 3],
  'shop-invoice-batched': ['INVOICES', 1],
  'shop-invoice-lost': ['INVOICES', 1],
};

/**
 * Subjects whose handlers validate by a pipe, per event or by schemas. The handler of a pattern has
 * a class per subject.
 */
const CHECKED = ['invoice.paid', 'invoice.batched', 'invoice.eu.lost', 'order.counted'];

/** Channels of the document. A reply has one of its own. */
const CHANNELS = [
  'invoice.:region.lost',
  'invoice.batched',
  'invoice.paid',
  'invoice.sent',
  'order.counted',
  'order.created',
  'order.noted',
  'payment.captured',
  ...['quote.class', 'quote.price', 'quote.schema'].flatMap((request) => [request, `${request} reply`]),
];

// Nest 11's command line colors the preceding text, even with NO_COLOR.
const WRITTEN = /src\/\S+\.ts \(\d+ bytes\)/;

jest.setTimeout(20 * 60_000);

describe.each(KINDS)('every schematic in a %s project', (kind, library) => {
  let project: NestProject;
  const isEsm = kind === 'Nest 12 ESM';
  const generate = (args: readonly string[]) => project.run('npx', '--no', 'nest-jetstream', 'generate', ...args);

  beforeAll(async () => {
    project = await NestProject.create(kind, library, 'class-validator', 'class-transformer');
    await project.nest('add', 'nest-jetstream', '-s');
  });
  afterAll(async () => project?.remove());

  it('runs without options, by nest g', async () => {
    for (const args of DEFAULTS) expect(await project.nest('g', ...args)).toMatch(WRITTEN);
  });

  it('runs with all its options, by the command line', async () => {
    for (const args of ALL_OPTIONS) expect(await generate(args)).toMatch(WRITTEN);
    expect(JSON.parse(await project.read('nest-cli.json'))).toMatchObject({ jetstream: { events: 'class' } });
  });

  it('makes no changes in a second run', async () => {
    const before = await project.fingerprint();
    for (const args of ALL_OPTIONS) expect(await generate(args)).toContain('Nothing to be done.');
    await project.nest('g', 'jsr', 'quote.price');
    expect(await project.fingerprint()).toEqual(before);
  });

  it('passes compiler, linter and prettier', async () => {
    const fixture = await readFile(PLAY, 'utf8');
    await project.write('src/play.ts', isEsm ? fixture.replace(/from '(\.[^']*)'/g, "from '$1.js'") : fixture);
    const folders = ['orders', 'billing', 'money', 'payments', 'quote', 'sales'].map((folder) => `src/${folder}`);
    const linter = kind === 'Nest 11' ? ['eslint', '--max-warnings', '0'] : ['oxlint', '--deny-warnings'];
    await project.run('npm', 'run', 'build');
    await project.run('npx', '--no', '--', ...linter, ...folders);
    expect(await project.run('npx', '--no', '--', 'prettier', '--check', ...folders)).toContain('All matched files');
  });

  it('generates passing specs', async () => {
    const output = await project.run('npm', 'test');
    for (const spec of ['order-created.consumer', 'orders.publisher', 'quote-price.responder', 'any-order.consumer'])
      expect(output).toContain(`${spec}.spec.ts`);
  });

  it('publishes with every method, handles every event and replies to every request', async () => {
    const server = await startTestServer();
    const app = await startApp(project, server.url);
    const observer = await probe(server.url);

    const played = await project.run('env', `NATS_URL=${server.url}`, 'node', 'dist/play.js');
    expect(JSON.parse(played.trim().split('\n').at(-1) ?? '')).toEqual({
      stored: ['ORDERS 1', 'ORDERS 2', 'ORDERS 3', 'INVOICES 1', 'INVOICES 2', 'INVOICES 3', 'INVOICES 4'],
      replies: [{ ok: true }, { total: 1, lines: [] }, { total: 1 }],
      refused: [expect.stringContaining('id'), expect.stringContaining('id')],
    });
    for (const [durable, [stream, count]] of Object.entries(HANDLED))
      await eventually(`${durable} is done`, async () => (await acknowledged(observer, stream, durable)) === count);
    await app.waitForLog(/\[InvoiceLostConsumer\] invoice\.eu\.lost \{"region":"eu"\}/);
    await app.stop();
  });

  it('dead-letters invalid events at the first delivery', async () => {
    const server = await startTestServer();
    const app = await startApp(project, server.url);
    const observer = await probe(server.url);

    for (const subject of CHECKED) await observer.client.publish(subject, JSON.stringify({ id: 'one' }));
    await eventually('all are dead letters', async () => (await storedIn(observer, 'INVOICES_DEAD')) === 5);
    await eventually('all are dead letters', async () => (await storedIn(observer, 'ORDERS_DEAD')) >= 1);
    await app.stop();
  });

  it('writes an AsyncAPI document of all event styles, templates and requests', async () => {
    const document = await writeContract(project);
    expect(Object.keys(document['channels'] ?? {})).toEqual(CHANNELS);
    // One has a class, and the other one a schema.
    expect(payloadOf(document, 'order.counted')).toEqual(payloadOf(document, 'invoice.paid'));
    expect(payloadOf(document, 'order.counted')).toMatchObject({
      properties: { lines: { items: { type: 'object' } } },
    });
  });

  it('restores the schematics of Nest', async () => {
    await generate(['eject']);
    expect(await project.nest('g', 'service', 'plain', '--dry-run')).toContain('src/plain/plain.service.ts');
    expect(JSON.parse(await project.read('nest-cli.json'))).toMatchObject({ collection: '@nestjs/schematics' });
  });
});

function words(line: string): string[] {
  return line.split(' ');
}

/** Returns the number of acknowledged messages of a durable, once no message is pending. */
async function acknowledged({ manager }: JetStreamProbe, stream: string, durable: string): Promise<number | undefined> {
  const { num_pending, num_ack_pending, ack_floor } = await manager.consumers.info(stream, durable);
  return num_pending === 0 && num_ack_pending === 0 ? ack_floor.consumer_seq : undefined;
}

async function storedIn({ manager }: JetStreamProbe, stream: string): Promise<number> {
  return manager.streams.info(stream).then(
    ({ state }) => state.messages,
    () => 0,
  );
}
