import {
  Controller,
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import {
  fromConnection,
  getJetStreamAdminToken,
  getJetStreamClientToken,
  getJetStreamHealthToken,
  getJetStreamServerToken,
  InjectJetStreamClient,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type JetStreamConsumerOptions,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';
import { connectionsOf } from '../support/server-connections';

const BILLING = 'billing';

@Module({})
class RootModule {}

const running: INestApplication[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (app) => app.close()));
});

interface Parts {
  readonly imports: DynamicModule['imports'];
  readonly controllers?: Type[];
  readonly providers?: Type[];
}

async function create({ imports = [], controllers = [], providers = [] }: Parts): Promise<INestApplication> {
  const root = { module: RootModule, imports, controllers, providers };
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  running.push(app);
  return app;
}

async function start(parts: Parts, ...names: (string | undefined)[]): Promise<INestApplication> {
  const app = await create(parts);
  for (const name of names) app.connectMicroservice({ strategy: app.get(getJetStreamServerToken(name)) });
  await app.startAllMicroservices();
  await app.init();
  return app;
}

let shopServer: TestServer;
let billingServer: TestServer;

function register(options: NatsJetStreamTransportOptions = {}): DynamicModule {
  const { url } = options.connection === undefined ? shopServer : billingServer;
  return NatsJetStreamTransport.register({ id: 'test', connectionOptions: { servers: url }, ...options });
}

beforeEach(async () => {
  [shopServer, billingServer] = await Promise.all([
    startTestServer({ monitor: true }),
    startTestServer({ monitor: true }),
  ]);
});

const filtersOf = async ({ url }: TestServer): Promise<string[]> => {
  const listed = await (await probe(url)).manager.consumers.list('ORDERS').next();
  return listed.map(({ config }) => String(config.filter_subject ?? config.filter_subjects));
};

describe('Two connections in one application', () => {
  const handled: string[] = [];
  beforeEach(() => handled.splice(0));

  @Controller()
  class Consumers {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders' })
    shop(event: OrderCreatedEvent): void {
      handled.push(`shop ${event.id}`);
    }

    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', connection: BILLING })
    billing(event: OrderCreatedEvent): void {
      handled.push(`billing ${event.id}`);
    }

    @EventPattern<string>('order.deleted')
    plainShop(event: { id: number }): void {
      handled.push(`plain shop ${event.id}`);
    }

    @EventPattern<string>('order.*', fromConnection(BILLING))
    plainBilling(event: { id: number }): void {
      handled.push(`plain billing ${event.id}`);
    }

    @MessagePattern('total', fromConnection(BILLING))
    total(id: number): string {
      return `total of ${id}`;
    }
  }

  @Injectable()
  class Publisher {
    constructor(
      @InjectJetStreamClient() readonly shop: NatsJetStreamClientProxy,
      @InjectJetStreamClient(BILLING) readonly billing: NatsJetStreamClientProxy,
    ) {}
  }

  const startBoth = async (second: DynamicModule): Promise<INestApplication> =>
    start(
      {
        imports: [
          register(),
          second,
          NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
          NatsJetStreamTransport.forFeature({ streams: [OrdersStream], connection: BILLING }),
        ],
        controllers: [Consumers],
        providers: [Publisher],
      },
      undefined,
      BILLING,
    );

  it('deliver events and requests to their own handlers', async () => {
    const app = await startBoth(register({ connection: BILLING }));
    const publisher = app.get(Publisher);
    await publisher.shop.emitAsync(ORDER_CREATED, order(1));
    await publisher.shop.emitAsync('order.deleted', { id: 2 });
    await publisher.billing.emitAsync(ORDER_CREATED, order(3));
    const all = ['billing 3', 'plain billing 3', 'plain shop 2', 'shop 1'];
    await eventually('everything is handled', () => handled.length === all.length);
    expect(handled.toSorted()).toEqual(all);

    expect(await publisher.billing.request('total', 7)).toBe('total of 7');
    await expect(publisher.shop.request('total', 7)).rejects.toMatchObject({ code: 'NO_RESPONDER' });
    for (const server of [shopServer, billingServer]) expect(await connectionsOf(server)).toHaveLength(1);
    expect((await filtersOf(shopServer)).toSorted()).toEqual(['order.created', 'order.deleted']);
    expect((await filtersOf(billingServer)).toSorted()).toEqual(['order.*', 'order.created']);
  });

  it('take options from providers and have their own health and admin', async () => {
    const second = NatsJetStreamTransport.registerAsync({
      connection: BILLING,
      useFactory: async () => ({ id: 'test', connectionOptions: { servers: billingServer.url } }),
    });
    const app = await startBoth(second);
    await app.get(getJetStreamClientToken(BILLING)).emitAsync('order.deleted', { id: 4 });
    await eventually('everything is handled', () => handled.length === 1);
    expect(handled).toEqual(['plain billing 4']);
    expect(await app.get(getJetStreamAdminToken()).purgeSubject('ORDERS', 'order.deleted')).toBe(0);
    expect(await app.get(getJetStreamAdminToken(BILLING)).purgeSubject('ORDERS', 'order.deleted')).toBe(1);
    const health = app.get(getJetStreamHealthToken(BILLING));
    expect(health.check().status).toBe('up');
    await billingServer.stop();
    await eventually('health is down', () => health.check().status === 'down');
    expect(app.get(NatsJetStreamHealth).check().status).toBe('up');
  });

  it('share a socket if their connection options are equal', async () => {
    const same = NatsJetStreamTransport.register({
      id: 'test',
      connection: BILLING,
      connectionOptions: { servers: shopServer.url },
    });
    const app = await create({ imports: [register(), same] });
    await app.init();
    expect(await connectionsOf(shopServer)).toHaveLength(1);
  });
});

describe('isGlobal: false', () => {
  @Injectable()
  class Publisher {
    constructor(@Inject(NatsJetStreamClientProxy) readonly client: NatsJetStreamClientProxy) {}
  }

  const importing = (imports: DynamicModule[]): DynamicModule => {
    @Module({})
    class PublishingModule {}
    return { module: PublishingModule, imports, providers: [Publisher], exports: [Publisher] };
  };

  it('provides the client to importing modules and to forFeature anywhere', async () => {
    const transport = register({ isGlobal: false });
    const feature = NatsJetStreamTransport.forFeature({ streams: [OrdersStream] });
    const app = await create({ imports: [importing([transport]), importing([transport]), feature] });
    await app.init();
    expect(await app.get(Publisher, { strict: false }).client.emitAsync(ORDER_CREATED, order(1))).toMatchObject({
      stream: 'ORDERS',
    });
    expect(await connectionsOf(shopServer)).toHaveLength(1);
  });

  it.each([
    ['register', (isGlobal: boolean) => register({ isGlobal })],
    [
      'registerAsync',
      (isGlobal: boolean) => NatsJetStreamTransport.registerAsync({ isGlobal, useFactory: () => ({}) }),
    ],
  ])('hides the client of %s from other modules', async (_name, made) => {
    await expect(create({ imports: [importing([]), made(false)] })).rejects.toThrow(
      "Nest can't resolve dependencies of the Publisher",
    );
    await expect(create({ imports: [importing([]), made(true)] })).resolves.toBeDefined();
  });
});

function consumerOf(options: JetStreamConsumerOptions): Type {
  @Controller()
  class Consumer {
    @JetStreamConsumer(ORDER_CREATED, options)
    handle(event: OrderCreatedEvent): number {
      return event.id;
    }
  }
  return Consumer;
}

const byHand = (connection?: string): NatsJetStreamServer =>
  new NatsJetStreamServer({
    id: 'test',
    ...(connection === undefined ? {} : { connection }),
    connectionOptions: { servers: billingServer.url },
  });

describe('Invalid connections', () => {
  it.each<[string, () => DynamicModule[], string, string]>([
    [
      'two default connections',
      () => [register(), register()],
      'REGISTERED_TWICE',
      'The default connection is registered twice. Call',
    ],
    [
      'two connections of one name',
      () => [register(), register({ connection: BILLING }), register({ connection: BILLING, isGlobal: false })],
      'REGISTERED_TWICE',
      'The connection "billing" is registered twice.',
    ],
    [
      'streams of a connection that is not registered',
      () => [register(), NatsJetStreamTransport.forFeature({ connection: BILLING, streams: [OrdersStream] })],
      'NOT_REGISTERED',
      'Import NatsJetStreamTransport.register({ connection: "billing" })',
    ],
    [
      'streams without a register',
      () => [NatsJetStreamTransport.forFeature({ streams: [OrdersStream] })],
      'NOT_REGISTERED',
      'Import NatsJetStreamTransport.register()',
    ],
    [
      'a connection name from a factory',
      () => [NatsJetStreamTransport.registerAsync({ useFactory: () => ({ connection: BILLING }) as object })],
      'INVALID_OPTION',
      "The factory cannot return 'connection', because the module already exists. Set it beside",
    ],
    [
      'isGlobal from a factory',
      () => [NatsJetStreamTransport.registerAsync({ useFactory: () => ({ isGlobal: false }) as object })],
      'INVALID_OPTION',
      "The factory cannot return 'isGlobal', because the module already exists. Set it beside",
    ],
  ])('fail startup for %s', async (_what, imports, code, message) => {
    const error: unknown = await create({ imports: imports() }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(message);
  });

  it('fail startup for a handler of a connection without a server', async () => {
    const controllers = [consumerOf({ durable: 'a', connection: 'biling' })];
    const error: unknown = await start({ imports: [register()], controllers }, undefined).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 'UNKNOWN_CONNECTION', value: 'biling' });
    expect(String(error)).toContain(
      'Consumer.handle belongs to the connection "biling", which has no server in this application.',
    );
  });

  it('fail startup for a handler whose server is registered but not connected to the application', async () => {
    const imports = [register(), register({ connection: BILLING })];
    const controllers = [consumerOf({ durable: 'a', connection: BILLING })];
    const error: unknown = await start({ imports, controllers }, undefined).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'UNKNOWN_CONNECTION', value: BILLING });
    expect(String(error)).toContain('call connectMicroservice() with its server');
  });

  it('fail startup for a handler whose connection only another application has or had', async () => {
    const controllers = [consumerOf({ durable: 'a', connection: BILLING })];
    const other = await start({ imports: [register({ connection: BILLING })], controllers }, BILLING);
    const startupError = async (): Promise<unknown> =>
      start({ imports: [register()], controllers }, undefined).catch((cause: unknown) => cause);
    expect(await startupError()).toMatchObject({ code: 'UNKNOWN_CONNECTION' });
    await other.close();
    expect(await startupError()).toMatchObject({ code: 'UNKNOWN_CONNECTION' });
  });

  describe.each<[string, () => DynamicModule[]]>([
    ['beside a registered connection', () => [register()]],
    ['without a registered connection', () => []],
  ])(
    'Handler of a connection that only another application has, with a server created by hand %s',
    (_where, imports) => {
      const startByHand = async (controllers: Type[], ...strategies: NatsJetStreamServer[]): Promise<unknown> => {
        const app = await create({ imports: imports(), controllers });
        for (const strategy of strategies) app.connectMicroservice({ strategy });
        return app.startAllMicroservices().then(
          () => 'started',
          (cause: unknown) => cause,
        );
      };

      it('starts only if its own application has the connection', async () => {
        const consumers = () => [consumerOf({ durable: 'a', connection: BILLING })];
        expect(await startByHand(consumers(), byHand(), byHand(BILLING))).toBe('started');
        expect(await startByHand(consumers(), byHand(), byHand('another'))).toMatchObject({
          code: 'UNKNOWN_CONNECTION',
          value: BILLING,
          message: expect.stringContaining('Connections with a server: "another".'),
        });
      });

      it('fails startup even if an application with the same handler registers the connection', async () => {
        const controllers = [consumerOf({ durable: 'a', connection: BILLING })];
        await start({ imports: [register({ connection: BILLING })], controllers }, BILLING);
        expect(await startByHand(controllers, byHand())).toMatchObject({ code: 'UNKNOWN_CONNECTION', value: BILLING });
      });
    },
  );

  it('refuse a blank name', () => {
    expect(() => register({ connection: '' })).toThrow('Option \'connection\' cannot be ""');
    expect(() => fromConnection(' ')).toThrow('Option \'connection\' cannot be " "');
    expect(() => new NatsJetStreamServer({ connection: '' })).toThrow('Option \'connection\' cannot be ""');
  });
});
