// The universal tests of watermill (pubsub/tests/test_pubsub.go), with the same sizes. Features
// that are false in features.ts are not tested. Order is row 37, and reconnecting with kills is row
// 1.
import { NatsJetStreamServer } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { STREAM, startScenario, type Scenario } from './harness';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

async function expectAllHandled(scenario: Scenario, count: number): Promise<void> {
  await scenario.drained();
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(count);
}

describe('universal', () => {
  it('publish and subscribe: 100 orders, published before the first subscriber', async () => {
    const scenario = await startScenario({ servers: server.url });
    await scenario.publish(100);
    await scenario.worker();
    await expectAllHandled(scenario, 100);
  });

  it('concurrent subscribe: 50 subscribers share 5,000 orders', async () => {
    const scenario = await startScenario({ servers: server.url });
    const counts = new Map<number, number>();
    const handledBy = new Set<number>();
    const subscribers = Array.from({ length: 50 }, (_, at) => {
      const subscriber = new NatsJetStreamServer({
        id: 'shop',
        connectionOptions: { servers: server.url, name: `subscriber-${at}` },
        consumerOptions: { concurrency: 4 },
      });
      const handle = async ({ id }: { id: number }): Promise<void> => {
        counts.set(id, (counts.get(id) ?? 0) + 1);
        handledBy.add(at);
      };
      subscriber.addHandler('order.created', handle as never, true);
      return subscriber;
    });
    try {
      await Promise.all(subscribers.map((subscriber) => new Promise((started) => void subscriber.listen(started))));
      await scenario.publish(5_000);
      const [info] = await scenario.observer.manager.consumers.list(STREAM).next();
      const settled = async (): Promise<boolean> => isSettled(scenario.observer, STREAM, info?.name ?? '');
      await eventually('settled', settled);
    } finally {
      await Promise.all(subscribers.map(async (subscriber) => subscriber.close()));
    }
    expect(counts.size).toBe(5_000);
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
    expect(handledBy.size).toBe(50);
  });

  it('resend on error: 100 orders, two fail at first', async () => {
    const scenario = await startScenario({ servers: server.url });
    await scenario.publish(100);
    await scenario.worker({ behaviour: { does: 'fail', every: 50, times: 1 } });
    await expectAllHandled(scenario, 100);
  });

  it('no ack: with maxAckPending 1, the second order waits for the first', async () => {
    const scenario = await startScenario({ servers: server.url, consumer: { maxAckPending: 1, concurrency: 1 } });
    const worker = await scenario.worker({ behaviour: { does: 'wait' } });
    await scenario.publish(2);
    await eventually('the first runs', () => scenario.runs().length > 0);
    const { num_pending } = await scenario.observer.manager.consumers.info(STREAM, 'orders');
    expect([num_pending, scenario.runs().length]).toEqual([1, 1]);
    worker.release();
    await expectAllHandled(scenario, 2);
  });

  it('continue after a subscriber closed: 5,000 orders, five subscribers one after the other', async () => {
    const scenario = await startScenario({ servers: server.url });
    await scenario.publish(5_000);
    for (const share of [1_000, 2_000, 3_000, 4_000]) {
      const worker = await scenario.worker({ behaviour: { does: 'succeed', afterMs: 5 } });
      await eventually(`${share} handled`, () => scenario.handled().size >= share);
      await worker.terminate();
    }
    await scenario.worker();
    await expectAllHandled(scenario, 5_000);
  });

  it('concurrent close: ten subscribers open and close at the same time, then 50 orders', async () => {
    const scenario = await startScenario({ servers: server.url });
    const openAndClose = async (at: number): Promise<void> => {
      const subscriber = new NatsJetStreamServer({
        id: 'shop',
        connectionOptions: { servers: server.url, name: `subscriber-${at}` },
        consumerOptions: { durable: 'orders' },
      });
      subscriber.addHandler('order.created', async () => undefined, true);
      await new Promise((started) => void subscriber.listen(started));
      await subscriber.close();
    };
    await Promise.all(Array.from({ length: 10 }, (_, at) => openAndClose(at)));
    await scenario.publish(50);
    await scenario.worker();
    await expectAllHandled(scenario, 50);
  });

  it('continue after errors: 50 orders, three subscribers that fail on 100 deliveries each', async () => {
    const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver: -1, retryDelay: [10] } });
    await scenario.publish(50);
    for (const failures of [100, 200, 300]) {
      const worker = await scenario.worker({ behaviour: { does: 'fail' } });
      const failed = (): number => scenario.runs().filter(({ what }) => what === 'threw').length;
      await eventually(`${failures} failures`, () => failed() >= failures);
      await worker.terminate();
    }
    await scenario.worker();
    await expectAllHandled(scenario, 50);
  });

  it('consumer groups: each of two durables gets all 50 orders', async () => {
    const scenario = await startScenario({ servers: server.url });
    const groups = ['billing', 'shipping'];
    await Promise.all(groups.map(async (durable) => scenario.worker({ consumer: { durable } })));
    await scenario.publish(50);
    for (const durable of groups) await scenario.drained({ durable });
    for (const durable of groups) {
      const { handled } = await scenario.proof({ durable });
      expect(handled.size).toBe(50);
    }
  });

  it('publisher close: 10,000 orders, 20 in flight, then the publisher closes', async () => {
    const scenario = await startScenario({ servers: server.url });
    await scenario.publish(10_000, { window: 20 });
    await scenario.publisher.client.close();
    await scenario.worker();
    await expectAllHandled(scenario, 10_000);
  });

  it('topics: a handler gets only the orders of its subject', async () => {
    const scenario = await startScenario({ servers: server.url });
    await scenario.worker();
    await scenario.worker({ subject: 'order.deleted', consumer: { durable: 'deleted' } });
    const [created, deleted] = [await scenario.publish(10), await scenario.publish(10, { subject: 'order.deleted' })];
    await scenario.drained();
    await scenario.drained({ durable: 'deleted' });
    await scenario.stopWorkers();
    expect([...scenario.handled()].toSorted((a, b) => a - b)).toEqual(created);
    expect([...scenario.handled('deleted')].toSorted((a, b) => a - b)).toEqual(deleted);
  });

  it('reconnect: the server restarts twice during 10,000 orders, 100 in flight', async () => {
    const scenario = await startScenario({ servers: server.url });
    await scenario.worker();
    const publishing = scenario.publish(10_000, { window: 100 });
    for (const share of [3_333, 5_000]) {
      await eventually(`${share} stored`, () => scenario.publisher.ok.size > share);
      await scenario.serverMayForget(() => server.restart());
    }
    await publishing;
    await scenario.drained();
    const { ok } = await scenario.proof();
    expect(ok.size + scenario.publisher.unknown.size).toBe(10_000);
  });

  it('new subscribers receive old orders: three new durables, one after the other', async () => {
    const scenario = await startScenario({ servers: server.url });
    await scenario.publish(1);
    const durables = ['first', 'second', 'third'];
    for (const durable of durables) {
      await scenario.publish(1);
      await scenario.worker({ consumer: { durable } });
    }
    for (const durable of durables) {
      await scenario.drained({ durable });
      expect(scenario.handled(durable).size).toBe(4);
    }
    for (const durable of durables) await scenario.proof({ durable });
  });
});
