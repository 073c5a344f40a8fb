import { isDeepStrictEqual } from 'node:util';
import { Controller, Global, Inject, Injectable, Module, type OnModuleInit, type Type } from '@nestjs/common';
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamTransport,
  type NatsJetStreamOptionsFactory,
  type NatsJetStreamServiceOptions,
  type NatsJetStreamTransportAsyncOptions,
} from '@nest-jetstream/transport';
import { DECLARED_REGISTRATION } from '../../runtime/src/module/registration';
import { planStart, planText, type PlanStep } from '../../runtime/src/operations';
import { countDropped } from '../../runtime/src/operations/dropped-messages';
import { seededRandom } from '../conformance/harness/seeded-random';
import { watchWrites } from '../support/api-writes';
import { DECLARED_DURABLE, declaredApp, startAndClose, type Declared } from '../support/declared-app';
import { deleteStreams, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { ORDER_CREATED, order, type OrderCreatedEvent } from '../support/orders';

const ORDERS = { name: 'ORDERS', subjects: [ORDER_CREATED] } as const;

let server: TestServer;
let jetStream: JetStreamProbe;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  jetStream = await probe(server.url);
  await deleteStreams(jetStream);
});

const application = (declared?: Declared): Type => declaredApp(server.url, declared);

const optionsFor = (servers: string): NatsJetStreamServiceOptions => ({ id: 'async', connectionOptions: { servers } });

@Injectable()
class ServersFactory implements NatsJetStreamOptionsFactory {
  constructor(@Inject('SERVERS') private readonly servers: string) {}

  createNatsJetStreamOptions(): NatsJetStreamServiceOptions {
    return optionsFor(this.servers);
  }
}

const stepsOf = async (root: Type): Promise<readonly PlanStep[]> =>
  (await planStart(root)).flatMap(({ steps }) => steps);

describe('planStart', () => {
  it('creates everything on an empty server, and writes nothing', async () => {
    const writes = await watchWrites(jetStream);
    const [plan] = await planStart(application());
    expect(plan).toMatchObject({ id: 'shop', servers: server.url, provisioning: 'apply' });
    expect(plan?.steps).toEqual([
      { action: 'create', stream: 'ORDERS' },
      { action: 'create', stream: 'ORDERS_DEAD' },
      { action: 'create', stream: 'JETSTREAM_ATTEMPTS' },
      { action: 'create', stream: 'ORDERS', durable: DECLARED_DURABLE, messages: 0 },
    ]);
    expect(writes).toEqual([]);
  });

  it('has no steps after a start', async () => {
    await startAndClose(application());
    expect(await stepsOf(application())).toEqual([]);
  });

  it('shows updates with both values', async () => {
    await startAndClose(application());
    const changed = application({ stream: { subjects: [ORDER_CREATED, 'order.paid'] }, consumer: { ackWait: '1m' } });
    expect(await stepsOf(changed)).toEqual([
      {
        action: 'update',
        stream: 'ORDERS',
        differences: [{ field: 'subjects', declared: [ORDER_CREATED, 'order.paid'], actual: [ORDER_CREATED] }],
      },
      {
        action: 'update',
        stream: 'ORDERS',
        durable: DECLARED_DURABLE,
        differences: [{ field: 'ack_wait', declared: 60e9, actual: 30e9 }],
      },
    ]);
  });

  it('shows every refusal of a start, with the number of stored messages', async () => {
    await startAndClose(application({ stream: { maxAge: '30d' } }));
    for (const id of [1, 2, 3]) await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
    const changed = application({ stream: { maxAge: '7d' }, consumer: { deliverPolicy: 'new' } });
    const steps = await stepsOf(changed);
    expect(steps).toEqual([
      expect.objectContaining({ action: 'refuse', code: 'STREAM_DRIFT', stream: 'ORDERS', messages: 3 }),
      expect.objectContaining({
        action: 'refuse',
        code: 'CONSUMER_DRIFT',
        stream: 'ORDERS',
        durable: DECLARED_DURABLE,
      }),
    ]);
    await expect(startAndClose(changed)).rejects.toMatchObject({ code: 'STREAM_DRIFT' });
  });
});

/** Publishes orders to two subjects, one message in three to the second. */
async function publishOrders(count: number): Promise<void> {
  for (let id = 1; id <= count; id++)
    await jetStream.client.publish(id % 3 === 0 ? 'order.paid' : ORDER_CREATED, JSON.stringify(order(id)));
}

describe('planStart counts the messages that a lossy change drops', () => {
  const SUBJECTS = { subjects: [ORDER_CREATED, 'order.paid'] };

  it.each<[string, NonNullable<Declared['stream']>, NonNullable<Declared['stream']>, number | undefined]>([
    ['fewer messages', {}, { maxMessages: 4 }, 6],
    ['fewer messages than the limit allows', { maxMessages: 20 }, { maxMessages: 15 }, 0],
    ['fewer messages with discard new', { discard: 'new' }, { discard: 'new', maxMessages: 4 }, 0],
    ['fewer messages with discard old', { discard: 'new' }, { discard: 'old', maxMessages: 4 }, 6],
    ['fewer messages of a subject', {}, { maxMessagesPerSubject: 2 }, 6],
    ['smaller messages', {}, { maxMessageSize: 100 }, 0],
    ['a size that it does not reach', {}, { maxBytes: 1_000_000 }, 0],
    ['a size below that of its messages', {}, { maxBytes: 300 }, undefined],
    ['fewer messages and fewer of a subject', {}, { maxMessages: 4, maxMessagesPerSubject: 2 }, undefined],
    ['interest', {}, { retention: 'interest' }, undefined],
  ])('to %s', async (_change, before, after, dropped) => {
    const consumer = { deadLetter: 'off', maxDeliver: -1 } as const;
    await startAndClose(application({ stream: { ...SUBJECTS, ...before }, consumer }));
    await publishOrders(10);
    const [refused] = await stepsOf(application({ stream: { ...SUBJECTS, ...after }, consumer }));
    expect(refused).toMatchObject({ action: 'refuse', code: 'STREAM_DRIFT', messages: 10, dropped });
    const allowDataLoss = Object.keys(after) as NonNullable<Declared['stream']>['allowDataLoss'] & object;
    const allowed = application({ stream: { ...SUBJECTS, ...after, allowDataLoss }, consumer });
    const [update] = await stepsOf(allowed);
    expect([update?.action, update && 'dropped' in update ? update.dropped : undefined]).toEqual(['update', dropped]);
    if (dropped === undefined) return;
    await startAndClose(allowed);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(10 - dropped);
  });

  it('to a shorter age, with deleted messages between them', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: [ORDER_CREATED, 'order.paid'] });
    await publishOrders(20);
    for (const seq of [3, 4, 9, 15]) await jetStream.manager.streams.deleteMessage('ORDERS', seq);
    const { time } = (await jetStream.manager.streams.getMessage('ORDERS', { seq: 12 })) ?? { time: new Date() };
    const endMs = time.getTime();
    const stored = await jetStream.manager.streams.info('ORDERS');
    const drift = { field: 'max_age', actual: 0 } as const;
    const countedAt = async (ageMs: number): Promise<number | undefined> => {
      const at = { ...stored, ts: new Date(endMs + ageMs).toISOString() };
      return countDropped(jetStream.manager, at, [{ ...drift, declared: ageMs * 1e6 }]);
    };
    const older = await countedAt(60_000);
    let expected = 0;
    for (let seq = 1; seq <= 20; seq++) {
      const message = await jetStream.manager.streams.getMessage('ORDERS', { seq }).catch(() => null);
      if (message && message.time.getTime() < endMs) expected++;
    }
    expect(older).toBe(expected);
    const all = { ...stored, ts: new Date(Date.now() + 3_600_000).toISOString() };
    expect(await countDropped(jetStream.manager, all, [{ ...drift, declared: 60e9 }])).toBe(16);
    expect(await countDropped(jetStream.manager, stored, [{ ...drift, declared: 3_600e9 }])).toBe(0);
  });

  it('and shows them', async () => {
    await startAndClose(application());
    await publishOrders(2);
    const limited = { maxMessages: 1 };
    const text = async (stream: NonNullable<Declared['stream']>): Promise<string> =>
      planText(await planStart(application({ stream }))).join('\n');
    expect(await text(limited)).toContain(' The stream stores 2 messages. The change would drop 1 of them.\n');
    expect(await text({ ...limited, allowDataLoss: ['maxMessages'] })).toContain(
      '\n  ~ stream ORDERS: max_msgs -1 → 1 (drops 1 stored message)\n',
    );
  });
});

const MUST_NOT_RUN = (): never => {
  throw new Error('it was created');
};

describe('planStart reads', () => {
  it('an application without creating its providers, controllers and modules', async () => {
    @Injectable()
    class Database {
      constructor() {
        MUST_NOT_RUN();
      }
    }
    @Controller()
    class Orders {
      constructor(readonly database: Database) {
        MUST_NOT_RUN();
      }

      @JetStreamConsumer<OrderCreatedEvent>(ORDER_CREATED, { durable: DECLARED_DURABLE })
      handle(): void {}
    }
    @Module({
      imports: [application()],
      controllers: [Orders],
      providers: [Database, { provide: 'POOL', useFactory: MUST_NOT_RUN }],
    })
    class AppModule implements OnModuleInit {
      onModuleInit(): void {
        MUST_NOT_RUN();
      }
    }
    await expect(planStart(AppModule)).rejects.toMatchObject({ code: 'DUPLICATE_DURABLE' });
    await expect(startAndClose(AppModule)).rejects.toThrow('it was created');
  });

  it.each<[string, (config: Type) => NatsJetStreamTransportAsyncOptions]>([
    ['imports', (config) => ({ imports: [config], inject: ['SERVERS'], useFactory: optionsFor })],
    ['a global module', () => ({ inject: ['SERVERS'], useFactory: optionsFor })],
    ['an optional provider', () => ({ inject: [{ token: 'SERVERS', optional: true }], useFactory: optionsFor })],
    ['a class', () => ({ useClass: ServersFactory })],
  ])('the options of registerAsync with %s, and creates no other module', async (_from, options) => {
    @Global()
    @Module({ providers: [{ provide: 'SERVERS', useFactory: () => server.url }], exports: ['SERVERS'] })
    class ConfigModule {}
    @Global()
    @Module({ providers: [{ provide: 'POOL', useFactory: MUST_NOT_RUN }], exports: ['POOL'] })
    class DatabaseModule {}
    @Module({
      imports: [
        ConfigModule,
        DatabaseModule,
        NatsJetStreamTransport.registerAsync(options(ConfigModule)),
        NatsJetStreamTransport.forFeature({ streams: [defineStream(ORDERS)] }),
      ],
    })
    class AppModule {}
    const [plan] = await planStart(AppModule);
    expect(plan).toMatchObject({ id: 'async', steps: [{ action: 'create', stream: 'ORDERS' }] });
  });

  it('reports a factory that fails, with its error as the cause', async () => {
    const failure = new Error('the vault is sealed');
    const useFactory = async (): Promise<never> => Promise.reject(failure);
    @Module({ imports: [NatsJetStreamTransport.registerAsync({ useFactory })] })
    class AppModule {}
    await expect(planStart(AppModule)).rejects.toMatchObject({ code: 'OPTIONS_FACTORY_FAILED', cause: failure });
  });

  it('fails at once without a server', async () => {
    const stopped = await startTestServer();
    await stopped.stop();
    @Module({ imports: [NatsJetStreamTransport.register({ connectionOptions: { servers: stopped.url } })] })
    class AppModule {}
    await expect(planStart(AppModule)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  });

  it('refuses an application without the transport', async () => {
    @Module({})
    class AppModule {}
    await expect(planStart(AppModule)).rejects.toMatchObject({
      code: 'NO_TRANSPORT',
      message: expect.stringContaining('AppModule does not import NatsJetStreamTransport.register()'),
    });
  });

  it('refuses an application with another copy of the transport', async () => {
    // A copy has symbols of its own. test/e2e/stories/bundled-application.ts has a real one.
    const provide = Symbol(DECLARED_REGISTRATION.description);
    @Module({ providers: [{ provide, useValue: {} }] })
    class AppModule {}
    await expect(planStart(AppModule)).rejects.toMatchObject({
      code: 'NO_TRANSPORT',
      message:
        'AppModule uses another copy of @nest-jetstream/transport than the one in node_modules, so its declarations cannot be read. ' +
        'If the application is a bundle, mark @nestjs/* and @nest-jetstream/transport as external in the bundler. ' +
        'Otherwise install the package once.',
    });
  });

  it('each connection on its own server', async () => {
    const other = await startTestServer();
    @Module({
      imports: [
        application(),
        NatsJetStreamTransport.register({
          id: 'shop',
          connection: 'billing',
          connectionOptions: { servers: other.url },
        }),
        NatsJetStreamTransport.forFeature({
          connection: 'billing',
          streams: [defineStream({ name: 'INVOICES', subjects: ['invoice.sent'] })],
        }),
      ],
    })
    class AppModule {}
    await startAndClose(AppModule);
    await jetStream.manager.streams.delete('ORDERS_DEAD');
    expect(await planStart(AppModule)).toMatchObject([
      { servers: server.url, steps: [{ action: 'create', stream: 'ORDERS_DEAD' }] },
      { connection: 'billing', servers: other.url, steps: [] },
    ]);
  });
});

describe('planStart shows', () => {
  it('durables of this service that no handler uses, with the messages that wait for them', async () => {
    await startAndClose(application({ consumer: { durable: 'shop-old' } }));
    for (const id of [1, 2]) await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
    expect(await stepsOf(application())).toEqual([
      { action: 'create', stream: 'ORDERS', durable: DECLARED_DURABLE, messages: 2 },
      { action: 'leave', stream: 'ORDERS', durable: 'shop-old', messages: 2 },
    ]);
  });

  it('handlers that would wait for a stream', async () => {
    @Controller()
    class Payments {
      @JetStreamConsumer<string>('payment.captured')
      handle(): void {}
    }
    @Module({
      imports: [NatsJetStreamTransport.register({ id: 'shop', connectionOptions: { servers: server.url } })],
      controllers: [Payments],
    })
    class AppModule {}
    expect(await stepsOf(AppModule)).toEqual([
      { action: 'wait', handler: 'Payments.handle', subjects: ['payment.captured'] },
    ]);
  });

  it('a durable of another service as refused', async () => {
    await startAndClose(application());
    const info = await jetStream.manager.consumers.info('ORDERS', DECLARED_DURABLE);
    const metadata = { ...info.config.metadata, 'nest-jetstream.service': 'billing' };
    await jetStream.manager.consumers.update('ORDERS', DECLARED_DURABLE, { metadata });
    expect(await stepsOf(application())).toMatchObject([
      { action: 'refuse', code: 'CONSUMER_TAKEN', stream: 'ORDERS', durable: DECLARED_DURABLE },
    ]);
    await expect(startAndClose(application())).rejects.toMatchObject({ code: 'CONSUMER_TAKEN' });
  });
});

/** Values of each option. The first one is the default. */
const STREAM_VALUES = {
  description: [undefined, 'orders', 'all orders'],
  maxAge: [undefined, '7d', '30d'],
  maxMessages: [undefined, 100, 1_000],
  storage: ['file', 'memory'],
  retention: ['limits', 'interest'],
  duplicateWindow: [undefined, '30s'],
  allowDataLoss: [undefined, ['maxAge']],
  subjects: [[ORDER_CREATED], [ORDER_CREATED, 'order.paid']],
} as const;
const CONSUMER_VALUES = {
  ackWait: [undefined, '10s', '1m'],
  concurrency: [undefined, 4],
  deadLetter: [undefined, 'off'],
  deliverPolicy: [undefined, 'new'],
  maxAckPending: [undefined, 500],
  maxDeliver: [undefined, -1, 3],
  metadata: [undefined, { team: 'billing' }],
} as const;

function pick(random: () => number, values: Readonly<Record<string, readonly unknown[]>>): object {
  const isDefault = (): boolean => random() < 0.6;
  return Object.fromEntries(
    Object.entries(values).map(([option, all]) => [
      option,
      isDefault() ? all[0] : all[Math.floor(random() * all.length)],
    ]),
  );
}

/** Configurations by stream, and by stream and durable. */
async function configurations(): Promise<Map<string, object>> {
  const found = new Map<string, object>();
  for await (const { config } of jetStream.manager.streams.list()) {
    found.set(config.name, config);
    for await (const consumer of jetStream.manager.consumers.list(config.name))
      found.set(`${config.name} ${consumer.name}`, consumer.config);
  }
  return found;
}

const targetOf = (step: PlanStep): string =>
  'durable' in step ? `${step.stream} ${step.durable}` : (('stream' in step ? step.stream : undefined) ?? '');

function changedFields(before: object = {}, after: object = {}): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields]
    .filter((field) => !isDeepStrictEqual(Reflect.get(before, field), Reflect.get(after, field)))
    .toSorted();
}

describe('a plan for random changes', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed + 1))('is what a start does (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const next = (): Type =>
      application({ stream: pick(random, STREAM_VALUES), consumer: pick(random, CONSUMER_VALUES) });
    await startAndClose(next());
    for (const id of [1, 2]) await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
    const changed = next();
    const before = await configurations();
    const steps = await stepsOf(changed);
    expect(await configurations()).toEqual(before);
    const failure: unknown = await startAndClose(changed).then(
      () => undefined,
      (error: unknown) => error,
    );
    const refused = steps.flatMap((step) => (step.action === 'refuse' ? [step.code] : []));
    const code = (failure as { readonly code?: string } | undefined)?.code;
    expect(refused.length === 0 ? [undefined] : refused).toContain(code);
    if (code !== undefined) return;
    const after = await configurations();
    const created = [...after.keys()].filter((key) => !before.has(key));
    const updated = [...after].flatMap(([key, config]) => {
      const fields = before.has(key) ? changedFields(before.get(key), config) : [];
      return fields.length > 0 ? [[key, fields]] : [];
    });
    expect(
      steps
        .filter(({ action }) => action === 'create')
        .map(targetOf)
        .toSorted(),
    ).toEqual(created.toSorted());
    expect(
      Object.fromEntries(
        steps.flatMap((step) =>
          step.action === 'update' ? [[targetOf(step), step.differences.map(({ field }) => field).toSorted()]] : [],
        ),
      ),
    ).toEqual(Object.fromEntries(updated));
    expect(await stepsOf(changed)).toEqual([]);
  });
});
