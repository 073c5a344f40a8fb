import { Controller, type INestApplicationContext, type Type } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamHealth, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const KEYS = Array.from({ length: 16 }, (_, key) => `product ${key}`);
const PREFETCH = 32;

describe("orderBy with orderAcross: 'instances'", () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  /** Completed runs, in order of their start. */
  let handled: { by: string; key: string; id: number }[];
  let rounds: number;
  /** Gate that every handler awaits. */
  let held: Gate | undefined;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    handled = [];
    rounds = 0;
    held = undefined;
  });

  const replica = (by: string, options: JetStreamConsumerOptions<OrderCreatedEvent> = {}): Type => {
    @Controller()
    class Replica {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: 'pinned',
        orderBy: ({ product }) => product,
        orderAcross: 'instances',
        ackWait: '2s',
        idleHeartbeat: '500ms',
        concurrency: 8,
        prefetch: PREFETCH,
        ...options,
      })
      async handle({ product, id }: OrderCreatedEvent): Promise<void> {
        handled.push({ by, key: product, id });
        await held?.opened;
        await new Promise(setImmediate);
      }
    }
    return Replica;
  };
  const start = async (
    by: string,
    { url = server.url, options, ...app }: TestAppOptions & { url?: string; options?: JetStreamConsumerOptions } = {},
  ): Promise<INestApplicationContext> =>
    startTestApp(url, { controllers: [replica(by, options)], streams: [OrdersStream], ...app });
  const consumer = async () => jetStream.manager.consumers.info('ORDERS', 'pinned');
  const publishRounds = async (count: number): Promise<void> => {
    for (const last = rounds + count; rounds < last;) {
      rounds++;
      for (const product of KEYS)
        await jetStream.client.publish('order.created', JSON.stringify({ ...order(rounds), product }));
    }
  };
  const by = (name: string) => handled.filter((each) => each.by === name).length;
  /**
   * Returns the first run of each event per key. An event may run again if its instance was
   * stopped.
   */
  const firsts = (): number[][] =>
    KEYS.map((key) => [...new Set(handled.filter((each) => each.key === key).map(({ id }) => id))]);
  const allInOrder = async (): Promise<void> => {
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'pinned'));
    const ids = Array.from({ length: rounds }, (_, id) => id + 1);
    expect(firsts()).toEqual(KEYS.map(() => ids));
    for (const name of ['first', 'second'])
      for (const key of KEYS) {
        const runs = handled.filter((each) => each.by === name && each.key === key).map(({ id }) => id);
        expect(runs).toEqual(runs.toSorted((one, other) => one - other));
      }
  };

  it('delivers all messages to one instance while the other stands by in good health', async () => {
    await start('first');
    await publishRounds(1);
    await eventually('the first instance is pinned', () => by('first') === KEYS.length);
    const standby = await start('second');
    await publishRounds(10);
    await allInOrder();
    expect(by('second')).toBe(0);
    const { num_waiting } = await consumer();
    expect(num_waiting).toBeGreaterThanOrEqual(2);
    expect(standby.get(NatsJetStreamHealth).isHealthy('nats')).toMatchObject({ nats: { status: 'up' } });
  });

  it('hands over at a graceful stop, and delivers waiting messages before new ones', async () => {
    const first = await start('first');
    await publishRounds(1);
    await eventually('the first instance is pinned', () => by('first') === KEYS.length);
    await start('second');
    const publishing = publishRounds(60);
    await eventually('the first instance handles messages', () => by('first') > 5 * KEYS.length);
    await first.close();
    await publishing;
    await allInOrder();
    expect(by('second')).toBeGreaterThan(0);
    expect(handled).toHaveLength(rounds * KEYS.length);
  });

  it('moves to the other instance when the first is gone, after redelivering its unsettled messages', async () => {
    const proxy = await startProxy(server.url);
    await start('first', { url: proxy.url });
    await publishRounds(1);
    await eventually('the first instance is pinned', () => by('first') === KEYS.length);
    await start('second');
    const publishing = publishRounds(60);
    await eventually('the first instance handles messages', () => by('first') > 5 * KEYS.length);
    // Messages delivered from now on are lost, as if the process was killed.
    proxy.freeze();
    await publishing;
    await eventually('a message is delivered to the first instance', async () => {
      const { num_ack_pending } = await consumer();
      return num_ack_pending > 0;
    });
    proxy.end();
    await allInOrder();
    expect(by('second')).toBeGreaterThan(0);
  });

  it('delivers at most prefetch messages to all instances while none is settled', async () => {
    held = new Gate();
    await start('first');
    await start('second');
    await publishRounds(10);
    await eventually(
      'as many messages as prefetch are delivered',
      async () => (await consumer()).num_ack_pending === PREFETCH,
    );
    expect((await consumer()).config).toMatchObject({
      max_ack_pending: PREFETCH,
      priority_policy: 'pinned_client',
      priority_groups: ['order'],
      priority_timeout: 3_500_000_000,
    });
    expect(handled.length).toBeLessThanOrEqual(8);
    held.open();
    await allInOrder();
  });

  it('keeps a lower maxAckPending', async () => {
    await start('first', { options: { maxAckPending: 10 } });
    expect((await consumer()).config.max_ack_pending).toBe(10);
  });

  it('is switched on and off for an existing durable, and a further start changes nothing', async () => {
    const { logger, lines } = logLines();
    const restart = async (orderAcross: 'process' | 'instances'): Promise<string[]> => {
      lines.length = 0;
      const app = await start('first', { options: { orderAcross }, logger });
      await app.close();
      return lines.filter((line) => line.includes('Updated consumer'));
    };
    await restart('process');
    const { created } = await consumer();
    expect(await restart('instances')).toEqual([expect.stringContaining('priority_policy')]);
    expect((await consumer()).config).toMatchObject({ priority_policy: 'pinned_client', max_ack_pending: PREFETCH });
    expect(await restart('instances')).toEqual([]);
    expect(await restart('process')).toEqual([expect.stringContaining('priority_policy')]);
    const { config, created: still } = await consumer();
    expect(config.priority_policy).toBeUndefined();
    expect(config.max_ack_pending).toBe(50_000);
    expect(still).toBe(created);
    expect(await restart('process')).toEqual([]);
  });

  it.each(['none', 'verify'] as const)(
    'fails startup on a durable without it, with provisioning %s',
    async (provisioning) => {
      await (await start('first', { options: { orderAcross: 'process' } })).close();
      await expect(start('second', { provisioning })).rejects.toMatchObject({
        code: provisioning === 'none' ? 'CONSUMER_DRIFT' : 'PROVISIONING_MISMATCH',
        message: expect.stringContaining('priority_policy'),
      });
    },
  );

  it.each<[string, JetStreamConsumerOptions]>([
    ["cannot be \"replicas\". Pass one of 'process', 'instances'", { orderAcross: 'replicas' } as never],
    ["'orderAcross: instances' requires 'orderBy'", { orderBy: undefined } as never],
    [
      "'orderAcross: instances' and 'deliverTo' cannot be combined, because orderAcross is for pull consumers only",
      { deliverTo: 'in', idleHeartbeat: undefined } as never,
    ],
    ["'orderAcross: instances' and 'ackPolicy: All' cannot be combined", { ackPolicy: 'All', manualAck: true }],
    ["'manualAck' and 'orderAcross: instances' cannot be combined", { manualAck: true }],
    ["'backoff' and 'orderAcross: instances' cannot be combined", { backoff: ['2s'], ackWait: undefined } as never],
    ['Pass at least 2s, or lower idleHeartbeat', { ackWait: 1_999 }],
    [
      "'durable: false' and 'orderAcross: instances' cannot be combined, because each instance then receives all",
      { durable: false },
    ],
  ])('refuses invalid options: %s', async (message, options) => {
    await expect(start('first', { options })).rejects.toMatchObject({
      code: expect.stringMatching(/^INVALID_OPTIONS?$/),
      message: expect.stringContaining(message),
    });
  });

  it('is refused if the server cannot pin, and leaves the server unchanged', async () => {
    const older = await startProxy(server.url, { version: '2.10.29' });
    const refused = start('first', { url: older.url });
    await expect(refused).rejects.toMatchObject({
      code: 'UNSUPPORTED_BY_SERVER',
      message: expect.stringContaining("support orderAcross: 'instances' of Replica.handle"),
    });
    await expect(consumer()).rejects.toThrow('consumer not found');
  });
});
