import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import { Controller, Module, type Type } from '@nestjs/common';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamTransport,
  defineStream,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import {
  FINDING_CODES,
  diagnose,
  doctorText,
  type Diagnosis,
  type DoctorOptions,
  type Finding,
} from '../../../runtime/src/operations';
import { describeApplication } from '../../../runtime/src/operations/describe-application';
import { checkVersion } from '../../../runtime/src/operations/doctor/server-checks';
import { createSession } from '../../../runtime/src/session/create-session';
import { securityWarning } from '../../../nats-server/version';
import { watchWrites } from '../../support/api-writes';
import { startConfiguredServer } from '../../support/configured-server';
import { eventually } from '../../support/eventually';
import { deleteStreams, probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { startProxy } from '../../support/nats-proxy';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startTestApp } from '../../support/nest-app';
import { ORDER_CREATED, order, type OrderCreatedEvent } from '../../support/orders';

const GUIDE = readFileSync(join(__dirname, '../../..', 'docs/operating.md'), 'utf8');
const DURABLE = 'shop-order-created';
/** A stream without a finding, except that the test server is a single one. */
const SOUND: Partial<StreamConfig> & { name: string } = { name: 'ORDERS', subjects: ['order.>'], max_age: 3.6e12 };

let server: TestServer;
let jetStream: JetStreamProbe;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  jetStream = await probe(server.url);
  await deleteStreams(jetStream);
});

async function diagnosisOf(options: DoctorOptions = {}, servers = server.url): Promise<Diagnosis> {
  const session = createSession({ connectionOptions: { servers, waitOnFirstConnect: false }, provisioning: 'none' });
  return diagnose(session, { ignore: ['ONE_REPLICA'], ...options });
}

async function findingsOf(options?: DoctorOptions, servers?: string): Promise<readonly Finding[]> {
  return (await diagnosisOf(options, servers)).findings;
}

async function addStream(config: Partial<StreamConfig> = {}): Promise<void> {
  await jetStream.manager.streams.add({ ...SOUND, ...config });
}

async function addConsumer(name: string, config: Partial<ConsumerConfig> = {}, stream = 'ORDERS'): Promise<void> {
  await jetStream.manager.consumers.add(stream, { durable_name: name, ack_policy: 'explicit', ...config });
}

const OrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], maxAge: '7d' });

function controllerOf(consumer: JetStreamConsumerOptions = {}): Type {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE, maxDeliver: 1, ...consumer })
    handle({ id }: OrderCreatedEvent): void {
      if (id > 100) throw new Error('fails');
    }
  }
  return Orders;
}

/** Diagnoses the service of a controller. */
async function serviceFindings(controller: Type = controllerOf()): Promise<readonly Finding[]> {
  @Module({
    imports: [
      NatsJetStreamTransport.register({ id: 'shop', connectionOptions: { servers: server.url } }),
      NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
    ],
    controllers: [controller],
  })
  class AppModule {}
  const [service] = await describeApplication(AppModule);
  if (!service) throw new Error('no connection');
  return (await diagnose(service.session, { service, ignore: ['ONE_REPLICA'] })).findings;
}

const startShop = async (controller = controllerOf()) =>
  startTestApp(server.url, { id: 'shop', controllers: [controller], streams: [OrdersStream] });

const targets = (findings: readonly Finding[]) =>
  findings.map(({ code, stream, consumer }) => [code, stream, consumer].filter(Boolean).join(' '));

describe('diagnose', () => {
  it('finds nothing in a sound service, and writes nothing', async () => {
    await startShop();
    const writes = await watchWrites(jetStream);
    await eventually(
      'it pulls',
      async () => (await jetStream.manager.consumers.info('ORDERS', DURABLE)).num_waiting > 0,
    );
    expect(await serviceFindings()).toEqual([]);
    expect(await diagnosisOf()).toMatchObject({ streams: 3, consumers: 1, findings: [], denied: [], id: undefined });
    expect(writes).toEqual([]);
  });

  it('finds streams of the service that do not exist', async () => {
    expect(targets(await serviceFindings())).toEqual(['STREAM_MISSING ORDERS']);
    expect(targets(await findingsOf({ streams: ['ORDRES'] }))).toEqual(['STREAM_MISSING ORDRES']);
  });
});

describe('diagnose checks the server', () => {
  it('SERVER_UNREACHABLE', async () => {
    const stopped = await startTestServer();
    await stopped.stop();
    const diagnosis = await diagnosisOf({}, stopped.url);
    expect(diagnosis).toMatchObject({ serverVersion: undefined, streams: 0 });
    expect(diagnosis.findings).toEqual([
      {
        code: 'SERVER_UNREACHABLE',
        severity: 'error',
        finding: `Cannot connect to ${stopped.url}: connection refused.`,
        remedy: "Check NATS_URL or connectionOptions. 'npx nest-jetstream server' starts a local server.",
      },
    ]);
  });

  it.each([
    ['SERVER_TOO_OLD', '2.9.25'],
    ['SERVER_OUTDATED', '2.11.15'],
  ])('%s', async (code, version) => {
    const { url } = await startProxy(server.url, { version });
    const findings = await findingsOf({}, url);
    expect(findings).toMatchObject([{ code, finding: expect.stringContaining(`nats-server ${version}`) }]);
  });

  it.each(['2.10.29', '2.11.15', '2.11.16', '2.12.6', '2.12.7', '2.13.9', '2.14.0', '2.15.1', '3.0.0'])(
    'nats-server %s for known vulnerabilities as nest-jetstream server does',
    (version) => {
      expect(checkVersion(version)).toHaveLength(securityWarning(version) === undefined ? 0 : 1);
    },
  );

  it.each([
    ['the server', ''],
    ['the account', 'jetstream {}\naccounts { A { users: [{ user: a, password: a }] } }\nno_auth_user: a'],
  ])('JETSTREAM_DISABLED of %s', async (_owner, configuration) => {
    const { url } = await startConfiguredServer(configuration, { jetstream: false });
    expect(targets(await findingsOf({}, url))).toEqual(['JETSTREAM_DISABLED']);
  });

  it('ACCOUNT_LIMIT_NEAR and ACCOUNT_LIMIT_REACHED', async () => {
    const { url } = await startConfiguredServer(`
      accounts { A {
        jetstream: { max_mem: 1K, max_file: 10K, max_streams: 1, max_consumers: 10 }
        users: [{ user: a, password: a }]
      } }
      no_auth_user: a`);
    const { manager, client } = await probe(url);
    await manager.streams.add(SOUND);
    await client.publish('order.created', 'x'.repeat(8_500));
    expect(await findingsOf({}, url)).toMatchObject([
      {
        code: 'ACCOUNT_LIMIT_NEAR',
        severity: 'warning',
        finding: expect.stringMatching(/^8\.\d+ KiB of 9\.77 KiB \(8\d%\) are used of the limit for file storage/),
      },
      {
        code: 'ACCOUNT_LIMIT_REACHED',
        severity: 'error',
        finding: '1 of 1 (100%) are used of the limit for streams of the account.',
      },
    ]);
  });
});

describe('diagnose checks streams', () => {
  it('ONE_REPLICA, MEMORY_STORAGE, NO_LIMITS and SHORT_DUPLICATE_WINDOW', async () => {
    await addStream();
    await addStream({ name: 'FAST', subjects: ['fast'], storage: 'memory', max_age: 0, duplicate_window: 10e9 });
    // A dead letter stream like its stream, and a worse one.
    await addStream({ name: 'FAST_DEAD', subjects: ['dead.FAST.>'], storage: 'memory' });
    await addStream({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'], storage: 'memory' });
    const findings = await findingsOf({ ignore: [] });
    expect(targets(findings)).toEqual([
      'ONE_REPLICA FAST',
      'MEMORY_STORAGE FAST',
      'NO_LIMITS FAST',
      'SHORT_DUPLICATE_WINDOW FAST',
      'ONE_REPLICA ORDERS',
      'MEMORY_STORAGE ORDERS_DEAD',
    ]);
    expect(findings[3]?.finding).toBe(
      "The duplicateWindow of stream 'FAST' is 10s. A publish is retried for up to 15s, so its message may be stored twice.",
    );
  });
});

describe('diagnose checks consumers', () => {
  beforeEach(async () => {
    await addStream();
    for (const id of [1, 2, 3]) await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
  });

  it('CONSUMER_FULL', async () => {
    await addConsumer('billing', { max_ack_pending: 2 });
    await addConsumer('busy', { max_ack_pending: 3 });
    for (const name of ['billing', 'busy']) {
      const consumer = await jetStream.client.consumers.get('ORDERS', name);
      for await (const message of await consumer.fetch({ max_messages: 2 })) expect(message.info.consumer).toBe(name);
    }
    expect(targets(await findingsOf())).toEqual(['CONSUMER_FULL ORDERS billing']);
  });

  it('CONSUMER_NOT_PULLED', async () => {
    await addConsumer('idle');
    await addConsumer('paused', { pause_until: new Date(Date.now() + 3_600_000).toISOString() });
    await addConsumer('nothing-waits', { filter_subject: 'order.deleted' });
    await addConsumer('abandoned', { ack_wait: 10e6 });
    await addConsumer('pushed', { deliver_subject: 'push.unread' });
    await (await jetStream.client.consumers.get('ORDERS', 'abandoned')).next();
    const found = async () => targets(await findingsOf());
    await eventually('its instance is presumed gone', async () => (await found()).length === 3);
    expect(await findingsOf()).toMatchObject([
      { code: 'CONSUMER_NOT_PULLED', consumer: 'abandoned' },
      {
        code: 'CONSUMER_NOT_PULLED',
        consumer: 'idle',
        finding:
          "3 messages wait for consumer 'idle' of stream 'ORDERS', and no instance receives them. Nothing was delivered yet.",
      },
      { code: 'CONSUMER_NOT_PULLED', consumer: 'pushed' },
    ]);
  });

  it('ORPHANED_DURABLE', async () => {
    await (await startShop(controllerOf({ durable: 'shop-old' }))).close();
    await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(4)));
    expect(await serviceFindings()).toMatchObject([
      {
        code: 'ORPHANED_DURABLE',
        consumer: 'shop-old',
        remedy:
          "If its handler was renamed or removed, delete it with JetStreamAdmin.deleteConsumer('ORDERS', 'shop-old').",
      },
    ]);
  });
});

/** Starts the service, and waits for the dead letters of events that it fails to handle. */
async function deadLetters(...ids: number[]) {
  const app = await startShop();
  for (const id of ids) await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
  await eventually('dead', async () => {
    const { state } = await jetStream.manager.streams.info('ORDERS_DEAD');
    return state.messages === ids.length;
  });
  return app;
}

/** Returns the reason why redriven messages are not received. */
const reasonOfStranding = async (): Promise<string | undefined> =>
  /because (.+)\.$/.exec((await findingsOf()).find(({ code }) => code === 'STRANDED_REDRIVES')?.finding ?? '')?.[1];

describe('diagnose checks messages', () => {
  it('DEAD_LETTERS and STRANDED_DEAD_LETTERS', async () => {
    const app = await deadLetters(101, 102);
    const letters = {
      code: 'DEAD_LETTERS',
      stream: 'ORDERS',
      finding: `Stream 'ORDERS' has 2 dead letters: 2 of '${DURABLE}'.`,
    };
    expect(await findingsOf()).toMatchObject([letters]);
    expect(await serviceFindings()).toMatchObject([letters]);
    await app.close();
    await jetStream.manager.consumers.delete('ORDERS', DURABLE);
    expect(await findingsOf()).toMatchObject([
      letters,
      {
        code: 'STRANDED_DEAD_LETTERS',
        consumer: DURABLE,
        finding: `2 dead letters of durable '${DURABLE}' cannot be redriven to it, because durable '${DURABLE}' of stream 'ORDERS' does not exist.`,
      },
    ]);
    await jetStream.manager.streams.delete('ORDERS');
    expect(await findingsOf()).toMatchObject([
      letters,
      { finding: expect.stringContaining("stream 'ORDERS' does not exist") },
    ]);
  });

  it('STRANDED_REDRIVES', async () => {
    const app = await deadLetters(101);
    await app
      .get(JetStreamAdmin)
      .redrive('ORDERS', DURABLE, 1)
      .catch(() => undefined);
    await app.close();
    await jetStream.manager.streams.purge('ORDERS_DEAD');
    await jetStream.client.publish(`dead.ORDERS.${DURABLE}.1.redrive`);
    expect(await reasonOfStranding()).toBe('no instance of the service receives them');
    await jetStream.manager.consumers.delete('ORDERS_DEAD', `redrive-${DURABLE}`);
    expect(await reasonOfStranding()).toBe(`their consumer 'redrive-${DURABLE}' does not exist`);
    await jetStream.manager.consumers.delete('ORDERS', DURABLE);
    expect(await reasonOfStranding()).toBe('the durable does not exist');
    await startShop();
    expect(await reasonOfStranding()).toBe('the durable was recreated and does not name their consumer');
  });

  it('STRANDED_CONTENT', async () => {
    await addStream();
    await addStream({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'] });
    for (const key of ['1.content', '2.content', '2.redrive'])
      await jetStream.client.publish(`dead.ORDERS.billing.${key}`);
    const findings = await findingsOf();
    expect(targets(findings)).toEqual(['STRANDED_REDRIVES ORDERS billing', 'STRANDED_CONTENT ORDERS']);
    // A redriven message may refer to its bytes.
    expect(findings[1]?.remedy).toContain('after all dead letters are gone and all redriven messages are handled.');
  });

  it('STRANDED_MESSAGES', async () => {
    await addStream({ retention: 'workqueue' });
    await addConsumer('created', { filter_subject: 'order.created' });
    for (const subject of ['created', 'paid', 'paid', 'sent', 'returned', 'lost'])
      await jetStream.client.publish(`order.${subject}`);
    expect(await findingsOf({ ignore: ['ONE_REPLICA', 'CONSUMER_NOT_PULLED'] })).toMatchObject([
      {
        code: 'STRANDED_MESSAGES',
        finding: expect.stringMatching(
          /^No consumer of work queue 'ORDERS' receives 'order\.\w+', 'order\.\w+', 'order\.\w+' and 1 more subjects, so 5 of its messages stay there\.$/,
        ),
      },
    ]);
    await addConsumer('others', { filter_subjects: ['order.paid', 'order.sent', 'order.returned', 'order.lost'] });
    expect(targets(await findingsOf({ ignore: ['ONE_REPLICA', 'CONSUMER_NOT_PULLED'] }))).toEqual([]);
  });

  it('STRANDED_ATTEMPTS', async () => {
    await (await startShop()).close();
    for (const key of [`ORDERS.${DURABLE}.1`, 'ORDERS.gone.1', 'ORDERS.gone.2', 'OTHER.gone.1'])
      await jetStream.client.publish(`jetstream-attempts.${key}`);
    expect(targets(await findingsOf())).toEqual(['STRANDED_ATTEMPTS ORDERS gone', 'STRANDED_ATTEMPTS OTHER gone']);
    expect(targets(await serviceFindings())).toEqual(['STRANDED_ATTEMPTS ORDERS gone']);
  });
});

describe('doctorText', () => {
  const diagnosis: Diagnosis = {
    id: 'shop',
    servers: 'nats://nats-1:4222',
    serverVersion: '2.15.1',
    streams: 1,
    consumers: 1_200,
    findings: [],
    denied: [],
  };

  it('escapes names that a terminal would run', () => {
    const finding: Finding = { code: 'NO_LIMITS', severity: 'warning', finding: 'S\u001b[2J', remedy: 'Set one.' };
    expect(doctorText({ ...diagnosis, findings: [finding] })[1]).toBe('  ? NO_LIMITS: S\\u001b[2J');
  });

  it('has two lines for each finding, and a summary', () => {
    const findings: Finding[] = [
      { code: 'PERMISSION_MISSING', severity: 'error', finding: 'It may not.', remedy: 'Allow it.' },
      { code: 'NO_LIMITS', severity: 'warning', stream: 'ORDERS', finding: 'It has none.', remedy: 'Set one.' },
    ];
    expect(doctorText({ ...diagnosis, findings, denied: ['$JS.API.INFO'] })).toEqual([
      'shop → nats://nats-1:4222 (nats-server 2.15.1)',
      '  ! PERMISSION_MISSING: It may not.',
      '      Allow it.',
      '  ? NO_LIMITS: It has none.',
      '      Set one.',
      "  . Some checks were left out. Allow the user to publish to '$JS.API.INFO'.",
      'Checked 1 stream and 1,200 consumers: 1 error, 1 warning.',
    ]);
    expect(doctorText(diagnosis).at(-1)).toBe('Checked 1 stream and 1,200 consumers: no findings.');
  });

  it('documents all codes', () => {
    const [, section = ''] = /## Doctor\n([\s\S]*?)\n## /.exec(GUIDE) ?? [];
    const documented = [...section.matchAll(/^\| (`[A-Z_]+`.*?) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code),
    );
    expect(new Set(documented)).toEqual(new Set(Object.keys(FINDING_CODES)));
  });
});
