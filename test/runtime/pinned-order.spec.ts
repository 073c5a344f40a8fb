import { Controller, type INestApplicationContext, type Type } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamHealth } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const KEYS = Array.from({ length: 16 }, (_, key) => `product ${key}`);
const PREFETCH = 32;

describe("orderBy with orderAcross: 'replicas'", () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  /** Each completed run, in the order in which they began. */
  let handled: { by: string; key: string; id: number }[];
  let rounds: number;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    handled = [];
    rounds = 0;
  });

  const replica = (by: string): Type => {
    @Controller()
    class Replica {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: 'pinned',
        orderBy: ({ product }) => product,
        orderAcross: 'replicas',
        ackWait: '2s',
        idleHeartbeat: '500ms',
        concurrency: 8,
        prefetch: PREFETCH,
      })
      async handle({ product, id }: OrderCreatedEvent): Promise<void> {
        handled.push({ by, key: product, id });
        await new Promise(setImmediate);
      }
    }
    return Replica;
  };
  const start = async (by: string, url = server.url): Promise<INestApplicationContext> =>
    startTestApp(url, { controllers: [replica(by)], streams: [OrdersStream] });
  const publishRounds = async (count: number): Promise<void> => {
    for (const last = rounds + count; rounds < last; ) {
      rounds++;
      for (const product of KEYS)
        await jetStream.client.publish('order.created', JSON.stringify({ ...order(rounds), product }));
    }
  };
  const by = (name: string) => handled.filter((each) => each.by === name).length;
  /** The first time of each event: one that ran when its instance went away may run again. */
  const firsts = (): number[][] =>
    KEYS.map((key) => [...new Set(handled.filter((each) => each.key === key).map(({ id }) => id))]);
  const allInOrder = async (): Promise<void> => {
    await eventually('all settled', async () => isSettled(jetStream, 'ORDERS', 'pinned'), { withinMs: 20_000 });
    const ids = Array.from({ length: rounds }, (_, id) => id + 1);
    expect(firsts()).toEqual(KEYS.map(() => ids));
    for (const name of ['first', 'second'])
      for (const key of KEYS) {
        const runs = handled.filter((each) => each.by === name && each.key === key).map(({ id }) => id);
        expect(runs).toEqual([...runs].sort((one, other) => one - other));
      }
  };

  it('has one instance get all messages, while the other waits in good health', async () => {
    await start('first');
    await publishRounds(1);
    await eventually('the first is pinned', () => by('first') === KEYS.length);
    const standby = await start('second');
    await publishRounds(10);
    await allInOrder();
    expect(by('second')).toBe(0);
    const { num_waiting } = await jetStream.manager.consumers.info('ORDERS', 'pinned');
    expect(num_waiting).toBeGreaterThanOrEqual(2);
    expect(standby.get(NatsJetStreamHealth).isHealthy('nats')).toMatchObject({ nats: { status: 'up' } });
  });

  it('is handed over at a clean stop, with what waits before anything new', async () => {
    const first = await start('first');
    await publishRounds(1);
    await eventually('the first is pinned', () => by('first') === KEYS.length);
    await start('second');
    const publishing = publishRounds(60);
    await eventually('the first is at work', () => by('first') > 5 * KEYS.length);
    await first.close();
    await publishing;
    await allInOrder();
    expect(by('second')).toBeGreaterThan(0);
    expect(handled).toHaveLength(rounds * KEYS.length);
  });

  it('goes to the other when the first is gone, after what the first left unsettled', async () => {
    const proxy = await startProxy(server.url);
    await start('first', proxy.url);
    await publishRounds(1);
    await eventually('the first is pinned', () => by('first') === KEYS.length);
    await start('second');
    const publishing = publishRounds(60);
    await eventually('the first is at work', () => by('first') > 5 * KEYS.length);
    // What the server delivers from now on is lost on the way, as with a process that was killed.
    proxy.freeze();
    await publishing;
    await eventually('delivered to the first', async () => {
      const { num_ack_pending } = await jetStream.manager.consumers.info('ORDERS', 'pinned');
      return num_ack_pending > 0;
    });
    proxy.end();
    await allInOrder();
    expect(by('second')).toBeGreaterThan(0);
  });
});
