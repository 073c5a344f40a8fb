import type { JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { DURABLE, STREAM, duplicatesOf, startScenario } from './harness';
import type { WorkerOptions } from './harness/scenario';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});

interface Change {
  readonly from: WorkerOptions;
  readonly to: WorkerOptions;
}

const of = (from: JetStreamConsumerOptions, to: JetStreamConsumerOptions): Change => ({
  from: { consumer: from },
  to: { consumer: to },
});

/** Changes of one option of a durable between two versions of a service. */
const CHANGES: [string, Change][] = [
  ['a longer ackWait', of({ ackWait: '2s' }, { ackWait: '10s' })],
  ['a shorter ackWait', of({ ackWait: '10s' }, { ackWait: '2s' })],
  ['backoff added', of({ ackWait: '2s' }, { backoff: ['2s', '3s'] })],
  ['backoff removed', of({ backoff: ['2s', '3s'] }, { ackWait: '2s' })],
  ['a higher maxDeliver', of({ maxDeliver: 2 }, { maxDeliver: 4 })],
  ['a lower maxDeliver', of({ maxDeliver: 4 }, { maxDeliver: 2 })],
  ['a limited maxDeliver', of({ maxDeliver: -1 }, { maxDeliver: 3 })],
  ['less concurrency', of({ concurrency: 16 }, { concurrency: 1 })],
  ['more prefetch', of({ concurrency: 2, prefetch: 2 }, { concurrency: 2, prefetch: 100 })],
  ['a lower maxAckPending', of({ maxAckPending: 500 }, { maxAckPending: 20 })],
  ['another retryDelay', of({ retryDelay: '2s' }, { retryDelay: '50ms' })],
  ['orderBy added', { from: {}, to: { orderByProduct: true } }],
  ['orderBy removed', { from: { orderByProduct: true }, to: {} }],
  ['a deadLetter function', { from: {}, to: { journalsDeadLetters: true } }],
  ['batches', { from: {}, to: { batchSize: 10 } }],
];

describe('a rolling deployment', () => {
  afterEach(async () => {
    const { manager } = await probe(server.url);
    for (const name of await manager.streams.names().next()) await manager.streams.delete(name);
  });

  it.each(CHANGES)(
    'with %s handles or dead-letters every order, and runs none twice without a reason',
    async (_, { from, to }) => {
      const scenario = await startScenario({ servers: server.url });
      // Every seventh order always fails, and every third fails once. Orders take some time, so
      // that some are in flight during the deployment.
      const behaviour = {
        does: 'mix',
        of: [
          { does: 'fail', every: 7 },
          { does: 'fail', every: 3, times: 1 },
          { does: 'succeed', afterMs: 30 },
        ],
      } as const;
      const plan = { product: (id: number): string => `product-${id % 5}` };
      const earlier = await scenario.worker({ behaviour, ...from });
      await scenario.publish(60, plan);
      await eventually('some are handled', () => scenario.handled().size > 5);
      await scenario.worker({ behaviour, ...to });
      await scenario.publish(60, plan);
      await earlier.terminate();
      await scenario.publish(30, plan);
      await scenario.drained();
      const account = await scenario.proof();
      expect(account.handled.size + account.dead.size).toBe(150);
      // A batch fails as a whole, so one failing order may use up the attempts of the others.
      const mayDie = (id: number): boolean => id % 7 === 0 || to.batchSize !== undefined;
      expect([...account.dead.keys()].filter((id) => !mayDie(id))).toEqual([]);
      expect(duplicatesOf(account).redelivered).toBe(0);
    },
  );

  it('that removes backoff resets it on the server', async () => {
    const scenario = await startScenario({ servers: server.url });
    const earlier = await scenario.worker({ consumer: { backoff: ['2s', '3s'] } });
    await scenario.worker({ consumer: { ackWait: '4s' } });
    await earlier.terminate();
    const { config } = await scenario.observer.manager.consumers.info(STREAM, DURABLE);
    expect({ backoff: config.backoff ?? [], ackWait: config.ack_wait }).toEqual({
      backoff: [],
      ackWait: 4_000_000_000,
    });
    await scenario.proof();
  });

  it('of another service with the same durable is refused with CONSUMER_TAKEN, and the owner keeps working', async () => {
    const scenario = await startScenario({ servers: server.url });
    await scenario.worker();
    const taking = scenario.spawn({ transport: { id: 'billing' } });
    taking.expectedEnds.add(1);
    await eventually('refused', () => taking.endedWith === 1);
    expect(taking.output).toContain('CONSUMER_TAKEN');
    expect(taking.output).toContain('billing');
    expect(taking.output).toContain('shop');
    await scenario.publish(50);
    await scenario.drained();
    const { handled } = await scenario.proof();
    expect(handled.size).toBe(50);
  });
});
