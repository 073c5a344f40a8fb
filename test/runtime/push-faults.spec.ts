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
const RECOVERY_MS = 5_000;
/** Every order whose number it divides is a dead letter at once. */
const POISON = 10;

const KINDS: [string, JetStreamConsumerOptions][] = [
  ['of a group', { deliverGroup: 'shop', ackWait: '1s' }],
  ['under flow control', { flowControl: true, ackWait: '1s' }],
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

function start(options: JetStreamConsumerOptions, { url = proxy.url, handle = account } = {}) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE, ...options })
    handle(event: OrderCreatedEvent): void | Promise<void> {
      return handle(event);
    }
  }
  return startTestApp(url, {
    controllers: [OrderCreatedConsumer],
    connectionOptions: { servers: url, reconnectTimeWait: 50, pingInterval: 200, maxPingOut: 2 },
    jetStreamOptions: { timeout: 500 },
  });
}

async function statusesOf(app: Awaited<ReturnType<typeof start>>): Promise<string[]> {
  const statuses: string[] = [];
  app.get(NatsJetStreamServer).status.subscribe((status) => statuses.push(status));
  return statuses;
}

/** What happens; resolves when the server is there again. */
const FAULTS: [string, (statuses: string[]) => Promise<void>][] = [
  [
    'the server was killed',
    async () => {
      await server.kill();
      await server.restart();
    },
  ],
  ['its connection was cut', async () => proxy.cut()],
  [
    'its connection was half open',
    async (statuses) => {
      proxy.freeze();
      await eventually('noticed', () => statuses.includes('disconnected'));
      proxy.cut();
    },
  ],
  [
    'it was deleted',
    async () => {
      await jetStream.manager.consumers.delete('ORDERS', DURABLE);
    },
  ],
];

describe.each(KINDS)('a push consumer %s', (_kind, options) => {
  it.each(FAULTS)('goes on after %s, within 5 s and without a loss', async (_fault, strike) => {
    const app = await start(options);
    const statuses = await statusesOf(app);
    await ledger.publish(100);
    const underway = ledger.publish(100);
    await strike(statuses);
    await underway;
    const after = await ledger.publish(5);
    await eventually('handled again', () => ledger.hasHandled(after.filter((id) => id % POISON !== 0)), {
      withinMs: RECOVERY_MS,
    });
    await eventually('settled', async () => isSettled(jetStream, 'ORDERS', DURABLE), { withinMs: 15_000 });
    expect(await ledger.lost(jetStream, 'ORDERS')).toEqual([]);
    expect(ledger.stored.size).toBeGreaterThanOrEqual(105);
  });

  it('begins with a stream that was made anew', async () => {
    await start(options);
    const before = await ledger.publish(5);
    await eventually('handled', () => ledger.hasHandled(before));
    const { config } = await jetStream.manager.streams.info('ORDERS');
    await jetStream.manager.streams.delete('ORDERS');
    await jetStream.manager.streams.add(config);
    const after = await ledger.publish(3);
    await eventually('handled from the new stream', () => ledger.hasHandled(after), { withinMs: RECOVERY_MS });
    expect(ledger.handled).toEqual([...before, ...after]);
  });
});

describe('a push consumer of a group', () => {
  it('of which one instance was killed: the other handles what that had', async () => {
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
    await eventually('both have some', () => held.length > 0 && ledger.handled.length > 0);
    proxy.end();
    await ledger.publish(20);
    await eventually('settled', async () => isSettled(jetStream, 'ORDERS', DURABLE), { withinMs: 15_000 });
    gate.open();
    expect(await ledger.lost(jetStream, 'ORDERS')).toEqual([]);
  });

  it('is up while it looks whether its consumer is there, which it gets no heartbeats of', async () => {
    const app = await start({ deliverGroup: 'shop' });
    const health = app.get(NatsJetStreamHealth);
    await eventually('up', () => health.check().status === 'up');
    const problems: string[] = [];
    let looks = 0;
    const looked = jetStream.connection.subscribe(`$JS.API.CONSUMER.INFO.ORDERS.${DURABLE}`, {
      callback: () => {
        looks++;
        problems.push(...health.check().problems);
      },
    });
    await eventually('looked twice', () => looks >= 2);
    looked.unsubscribe();
    expect(problems).toEqual([]);
  });
});

const startCounting = (options: JetStreamConsumerOptions, handle: Handle) =>
  start({ flowControl: true, concurrency: 4, ...options }, { handle });

describe('flow control', () => {
  const LOAD = 2_000;
  const publishLoad = async (): Promise<void> => {
    const product = 'x'.repeat(4_096);
    for (let id = 1; id <= LOAD; id++) {
      jetStream.connection.publish(ORDER_CREATED, JSON.stringify({ ...order(id), product }));
    }
    await eventually('stored', async () => {
      return (await jetStream.manager.streams.info('ORDERS')).state.messages === LOAD;
    });
  };

  it('under load is answered, and everything is handled once', async () => {
    let answers = 0;
    jetStream.connection.subscribe('$JS.FC.ORDERS.>', { callback: () => void answers++ });
    await publishLoad();
    await startCounting({ ackWait: '1m' }, ({ id }) => void ledger.handled.push(id));
    await eventually('settled', async () => isSettled(jetStream, 'ORDERS', DURABLE), { withinMs: 30_000 });
    expect(ledger.handled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: LOAD }, (_, at) => at + 1));
    expect(answers).toBeGreaterThan(0);
  });

  it('holds the server back while a handler is slower, also where nothing is acknowledged', async () => {
    const gate = new Gate();
    let running = 0;
    const waiting = new Gate();
    await publishLoad();
    await startCounting({ ackPolicy: 'None' }, async ({ id }) => {
      running++;
      await gate.opened;
      ledger.handled.push(id);
    });
    await eventually('it runs', () => running === 4);
    // Not before: the server delivers without acknowledgements to whoever listens, and the
    // application's own connection has a proxy to pass.
    jetStream.connection.subscribe(`_INBOX.${DURABLE}`, {
      callback: (_error, { headers }) => {
        if (headers?.get('Nats-Consumer-Stalled')) waiting.open();
      },
    });
    await waiting.opened;
    const { delivered } = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    expect(delivered.stream_seq).toBeLessThan(LOAD);
    gate.open();
    await eventually('all handled', () => ledger.handled.length === LOAD, { withinMs: 30_000 });
    expect(ledger.handled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: LOAD }, (_, at) => at + 1));
  });
});
