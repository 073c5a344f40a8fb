import { Controller, type INestApplicationContext, type Type } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  defineStream,
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamRecordBuilder,
  type JetStreamBatchConsumerOptions,
  type JetStreamConsumerOptions,
  type NatsConnectionOptions,
  type NatsJetStreamContext,
  type PublishOptions,
  type StreamSettings,
} from '@nest-jetstream/transport';
import { lastValueFrom } from 'rxjs';
import { CONNECTION_OPTIONS } from '../../runtime/src/connection/connection-options';
import { CONSUMER_OPTION_NAMES } from '../../runtime/src/consumer/options/unknown-options';
import { eventually } from '../support/eventually';
import { expectUnchanged, frozen } from '../support/frozen';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, order } from '../support/orders';

type HandlerOptions = JetStreamConsumerOptions | JetStreamBatchConsumerOptions;

/** Every option of a handler, spread over handlers that can combine them. */
const HANDLERS: Readonly<Record<string, HandlerOptions>> = {
  pulled: {
    concurrency: 2,
    prefetch: 8,
    ackWait: '10s',
    maxProcessingTime: '1m',
    maxDeliver: 3,
    deadLetter: 'stream',
    terminateOn: [TypeError],
    manualAck: false,
    ackMode: 'double',
    retryDelay: [10, '20ms'],
    timeout: '5s',
    orderBy: () => 'one',
    orderAcross: 'instances',
    deliverMarkers: true,
    stream: 'ORDERS',
    deliverPolicy: 'All',
    ackPolicy: 'Explicit',
    maxAckPending: 100,
    replayPolicy: 'Instant',
    filterSubjects: ['order.created'],
    sample: 50,
    idleHeartbeat: '1s',
    maxWaiting: 7,
    description: 'pulled',
    inactiveThreshold: '1h',
    numReplicas: 1,
    memStorage: true,
    metadata: { team: 'shop' },
    monitor: { unprocessed: 1_000 },
  },
  'other-names': {
    deliveryPolicy: 'All',
    maxwaiting: 7,
    maxMessages: 4,
    filterSubject: 'order.created',
    backoff: ['1s', 2_000],
  },
  'from-a-sequence': { startSequence: 1, headersOnly: true, deadLetter: () => undefined },
  'from-a-while-ago': { startAtTimeDelta: '1h' },
  'from-a-time': { startTime: new Date(0) },
  grouped: { deliverTo: 'in', deliverGroup: 'shop', limit: 80_000_000 },
  controlled: { deliverToSubject: 'in.here', flowControl: true },
  ordered: { durable: false, orderedConsumer: true },
  batched: { batch: { size: 2, timeout: '50ms' } },
};

const CONNECTIONS: Readonly<Record<string, (url: string) => NatsConnectionOptions>> = {
  'user and password': (url) => ({
    servers: [url],
    name: 'frozen',
    user: 'shop',
    pass: 's3cret',
    debug: false,
    ignoreAuthErrorAbort: true,
    ignoreClusterUpdates: true,
    inboxPrefix: '_INBOX_frozen',
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    noAsyncTraces: true,
    noEcho: false,
    noRandomize: true,
    pedantic: false,
    pingInterval: '20s',
    reconnect: true,
    reconnectJitter: 1,
    reconnectJitterTLS: 1,
    reconnectTimeWait: 50,
    resolve: true,
    timeout: '5s',
    tls: null,
    verbose: false,
    waitOnFirstConnect: true,
  }),
  token: (url) => ({
    servers: url,
    token: 's3cret',
    reconnectDelayHandler: () => 50,
    reconnectToServer: (servers) => servers[0] ?? null,
  }),
  authenticators: (url) => ({
    port: Number(new URL(url).port),
    reconnectTimeWait: 50,
    authenticator: [() => ({ auth_token: 's3cret' })],
  }),
};

const STREAMS: StreamSettings[] = [
  {
    name: 'ORDERS',
    subjects: ['order.>'],
    metadata: { owner: 'shop' },
    consumer_limits: { max_ack_pending: 1_000 },
    subject_transform: { src: 'order.old', dest: 'order.new' },
    republish: { src: 'order.>', dest: 'seen.>' },
    placement: { cluster: 'hub', tags: ['ssd'] },
    compression: 's2',
    max_age: '1d',
    duplicate_window: '2m',
    allow_msg_ttl: true,
    allow_msg_schedules: true,
  },
  {
    name: 'COPY',
    sources: [{ name: 'ORDERS', subject_transforms: [{ src: 'order.*', dest: 'copy.{{wildcard(1)}}' }] }],
  },
  { name: 'MIRROR', mirror: { name: 'ORDERS', filter_subject: 'order.created' } },
];

const PUBLISH: Readonly<Record<string, PublishOptions>> = {
  'order.created': {
    msgID: 'created',
    headers: { tenant: 'acme' },
    expect: { streamName: 'ORDERS', lastSubjectSequence: 0 },
    timeout: '5s',
    retries: 2,
    ttl: '1h',
    validate: true,
  },
  'order.plan': { schedule: { specification: new Date(Date.now() + 3_600_000), target: 'order.due' } },
  'order.off': { cancelSchedule: { scheduleSubject: 'order.plan' } },
};

const namesOf = (options: object[]): string[] => [...new Set(options.flatMap(Object.keys))].toSorted();

describe('Frozen options', () => {
  let server: TestServer;
  let handled: Set<string>;

  beforeEach(async () => {
    server = await startTestServer();
    handled = new Set();
  });

  function handler(durable: string, options: HandlerOptions): Type {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, frozen({ durable, ...options }) as JetStreamConsumerOptions)
      async handle(@Payload() _event: unknown, @Ctx() context: NatsJetStreamContext): Promise<void> {
        handled.add(durable);
        if (durable === 'other-names' && !context.redelivered) await context.retry(frozen({ delay: 10 }));
      }
    }
    return Orders;
  }

  async function startService(connectionOptions: NatsConnectionOptions): Promise<INestApplicationContext> {
    @Controller()
    class Echo {
      @MessagePattern('echo')
      echo(@Payload() data: unknown): unknown {
        return data;
      }
    }
    const streamConfig = frozen([
      ...STREAMS,
      defineStream(frozen({ name: 'AUDIT', subjects: ['audit.>'], maxAge: '1d', allowDataLoss: ['maxAge'] } as const)),
    ]);
    const options = frozen({
      id: 'frozen',
      isGlobal: true,
      provisioning: 'apply',
      gracePeriod: '1s',
      connectionOptions: frozen(connectionOptions),
      consumerOptions: { metadata: { team: 'all' }, retryDelay: [10], terminateOn: [RangeError] },
      streamConfig,
      jetStreamOptions: { timeout: '5s' },
      jetStreamPublishOptions: { headers: { source: 'test' }, expect: { streamName: 'ORDERS' }, timeout: '5s' },
      serializer: { serialize: (event: unknown) => new TextEncoder().encode(JSON.stringify(event)) },
      deserializer: { deserialize: (data: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(data)) },
      codecs: [{ subject: 'audit.>', serializer: { serialize: () => new Uint8Array() } }],
    } as const);
    const handlers = Object.entries(HANDLERS).map(([durable, given]) => handler(durable, given));
    return startTestApp(server.url, { ...options, controllers: [...handlers, Echo] });
  }

  it.each(Object.entries(CONNECTIONS))('are not modified, even by a reconnect: %s', async (_name, optionsFor) => {
    const app = await startService(optionsFor(server.url));
    const client = app.get(NatsJetStreamClientProxy);
    await server.restart();
    for (const [subject, options] of Object.entries(PUBLISH))
      await client.emitAsync(subject, frozen(order(1)), frozen(options));
    const record = new NatsJetStreamRecordBuilder(frozen(order(2))).setOptions(frozen({ headers: { tenant: 'b' } }));
    await lastValueFrom(client.emit(ORDER_CREATED, record.build()));
    await lastValueFrom(client.send(ORDER_CREATED, record.build()));
    expect(await client.request('echo', frozen(order(3)), frozen({ headers: { a: 'b' }, timeout: '5s' }))).toEqual(
      order(3),
    );
    await eventually('every handler ran', () => handled.size === Object.keys(HANDLERS).length);
    const admin = app.get(JetStreamAdmin);
    await admin.eraseMessage('ORDERS', 1, frozen({ secure: true }));
    await admin.purgeSubject('ORDERS', '>', frozen({ everything: true }));
    expect(expectUnchanged()).toBeGreaterThan(20);
  });

  it('cover every option that exists', () => {
    const handlers = namesOf(Object.values(HANDLERS));
    // `connection` selects the server and is not passed to it.
    expect([...handlers, 'connection'].toSorted()).toEqual([...CONSUMER_OPTION_NAMES].toSorted());
    const connections = namesOf(Object.values(CONNECTIONS).map((optionsFor) => optionsFor(server.url)));
    expect(connections).toEqual([...CONNECTION_OPTIONS].toSorted());
  });
});
