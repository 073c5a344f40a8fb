import { Controller } from '@nestjs/common';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  NatsJetStreamServer,
  TerminateError,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { Ledger } from '../support/ledger';
import { startProxy, type NatsProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const DURABLE = 'shop-order-created';
/** Orders divisible by this number are dead-lettered at once. */
const POISON = 10;

const KINDS: [string, JetStreamConsumerOptions][] = [
  ['of a group', { deliverGroup: 'shop', ackWait: '1s' }],
  ['with flow control', { flowControl: true, ackWait: '1s' }],
  ['with heartbeats', { deliverTo: 'in', idleHeartbeat: 500, ackWait: '1s' }],
];

let server: TestServer;
let jetStream: JetStreamProbe;
let proxy: NatsProxy;
let ledger: Ledger;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
  proxy = await startProxy(server.url);
  const publisher = await startTestApp(server.url, {
    streams: [OrdersStream],
    connectionOptions: { servers: server.url, reconnectTimeWait: 50 },
    jetStreamOptions: { timeout: 500 },
  });
  ledger = new Ledger(publisher.get(NatsJetStreamClientProxy));
});

type Handle = (event: OrderCreatedEvent) => void | Promise<void>;

const account: Handle = ({ id }) => {
  if (id % POISON === 0) throw new TerminateError('poison');
  ledger.handled.push(id);
};

/** Finds a half-open connection soon. A loaded machine may answer such pings too late. */
const QUICK_PINGS = { pingInterval: 200, maxPingOut: 2 };

function start(options: JetStreamConsumerOptions, { url = proxy.url, handle = account, pings = {} } = {}) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE, ...options })
    handle(event: OrderCreatedEvent): void | Promise<void> {
      return handle(event);
    }
  }
  return startTestApp(url, {
    controllers: [OrderCreatedConsumer],
    connectionOptions: { servers: url, reconnectTimeWait: 50, ...pings },
    jetStreamOptions: { timeout: 500 },
  });
}

async function statusesOf(app: Awaited<ReturnType<typeof start>>): Promise<string[]> {
  const statuses: string[] = [];
  app.get(NatsJetStreamServer).status.subscribe((status) => statuses.push(status));
  return statuses;
}

/** Faults, each of which resolves when the server is available again. */
const FAULTS: [string, (statuses: string[]) => Promise<void>][] = [
  [
    'a kill of the server',
    async () => {
      await server.kill();
      await server.restart();
    },
  ],
  ['a cut connection', async () => proxy.cut()],
  [
    'a half-open connection',
    async (statuses) => {
      proxy.freeze();
      await eventually('the disconnect is noticed', () => statuses.includes('disconnected'));
      proxy.cut();
    },
  ],
  [
    'its deletion',
    async () => {
      await jetStream.manager.consumers.delete('ORDERS', DURABLE);
    },
  ],
];

describe.each(KINDS)('Push consumer %s', (_kind, options) => {
  it.each(FAULTS)('recovers without loss after %s', async (_fault, causeFault) => {
    const app = await start(options, { pings: QUICK_PINGS });
    const statuses = await statusesOf(app);
    await ledger.publish(100);
    const inFlight = ledger.publish(100);
    await causeFault(statuses);
    await inFlight;
    const after = await ledger.publish(5);
    await eventually('the new events are handled', () => ledger.hasHandled(after.filter((id) => id % POISON !== 0)));
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', DURABLE));
    expect(await ledger.lost(jetStream, 'ORDERS')).toEqual([]);
    expect(ledger.stored.size).toBeGreaterThanOrEqual(105);
  });

  it('starts with a recreated stream', async () => {
    await start(options);
    const before = await ledger.publish(5);
    await eventually('everything is handled', () => ledger.hasHandled(before));
    const { config } = await jetStream.manager.streams.info('ORDERS');
    await jetStream.manager.streams.delete('ORDERS');
    await jetStream.manager.streams.add(config);
    const after = await ledger.publish(3);
    await eventually('the events of the new stream are handled', () => ledger.hasHandled(after));
    expect(ledger.handled).toEqual([...before, ...after]);
  });
});

describe('Push consumer of a group', () => {
  it('handles the messages of a killed instance in the other', async () => {
    const gate = new Gate();
    const held: number[] = [];
    await start(
      { deliverGroup: 'shop', ackWait: '1s' },
      {
        handle: async ({ id }) => {
          held.push(id);
          await gate.opened;
        },
      },
    );
    await start({ deliverGroup: 'shop', ackWait: '1s' }, { url: server.url });
    await ledger.publish(50);
    await eventually('both instances have messages', () => held.length > 0 && ledger.handled.length > 0);
    proxy.end();
    await ledger.publish(20);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', DURABLE));
    gate.open();
    expect(await ledger.lost(jetStream, 'ORDERS')).toEqual([]);
  });

  it('reports health as up while it looks up its consumer without heartbeats', async () => {
    const app = await start({ deliverGroup: 'shop' });
    const health = app.get(NatsJetStreamHealth);
    await eventually('health is up', () => health.check().status === 'up');
    const problems: string[] = [];
    let lookups = 0;
    const subscription = jetStream.connection.subscribe(`$JS.API.CONSUMER.INFO.ORDERS.${DURABLE}`, {
      callback: () => {
        lookups++;
        problems.push(...health.check().problems);
      },
    });
    await eventually('two lookups were made', () => lookups >= 2);
    subscription.unsubscribe();
    expect(problems).toEqual([]);
  });
});

const startCounting = (options: JetStreamConsumerOptions, handle: Handle) =>
  start({ flowControl: true, concurrency: 4, ...options }, { handle });

describe('Flow control', () => {
  const LOAD = 2_000;
  const publishLoad = async (): Promise<void> => {
    const product = 'x'.repeat(4_096);
    for (let id = 1; id <= LOAD; id++) {
      jetStream.connection.publish(ORDER_CREATED, JSON.stringify({ ...order(id), product }));
    }
    await eventually('the load is stored', async () => {
      return (await jetStream.manager.streams.info('ORDERS')).state.messages === LOAD;
    });
  };

  it('is answered under load, and every event is handled once', async () => {
    let answers = 0;
    jetStream.connection.subscribe('$JS.FC.ORDERS.>', { callback: () => void answers++ });
    await publishLoad();
    await startCounting({ ackWait: '10m' }, ({ id }) => void ledger.handled.push(id));
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', DURABLE));
    expect(ledger.handled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: LOAD }, (_, at) => at + 1));
    expect(answers).toBeGreaterThan(0);
  });

  it('holds the server back while handlers are slower, even without acknowledgements', async () => {
    const gate = new Gate();
    let running = 0;
    const waiting = new Gate();
    await publishLoad();
    await startCounting({ ackPolicy: 'None' }, async ({ id }) => {
      running++;
      await gate.opened;
      ledger.handled.push(id);
    });
    await eventually('four handlers run', () => running === 4);
    // Subscribe only now, because without acknowledgements the server delivers to any subscriber,
    // and the application connects through a proxy.
    jetStream.connection.subscribe(`_INBOX.${DURABLE}`, {
      callback: (_error, { headers }) => {
        if (headers?.get('Nats-Consumer-Stalled')) waiting.open();
      },
    });
    await waiting.opened;
    const { delivered } = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    expect(delivered.stream_seq).toBeLessThan(LOAD);
    gate.open();
    await eventually('everything is handled', () => ledger.handled.length === LOAD);
    expect(ledger.handled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: LOAD }, (_, at) => at + 1));
  });
});
