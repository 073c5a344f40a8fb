import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { DURABLE, STREAM, startScenario, type Scenario } from './harness';
import type { WorkerOptions } from './harness/scenario';

const BATCH = 20;
const BACKLOG = 200;
const KILLS = 5;
const KEYS = 8;
const EXIT_CODE = 3;

let url: string;
beforeEach(async () => {
  ({ url } = await startTestServer());
});

const waiting = (scenario: Scenario): number => scenario.publisher.ok.size - scenario.handled().size;
const begun = (scenario: Scenario): number => scenario.runs().filter(({ what }) => what === 'began').length;

/** Runs two workers. Kills one after every few runs, and starts a replacement. */
async function killRepeatedly(scenario: Scenario, options: WorkerOptions, times: number): Promise<void> {
  const workers = await Promise.all([scenario.worker(options), scenario.worker(options)]);
  for (let kill = 0; kill < times; kill++) {
    const seen = begun(scenario);
    await eventually('they handle some', () => begun(scenario) > seen + 20);
    await workers.shift()?.kill();
    workers.push(await scenario.worker(options));
  }
}

it.each<[kind: string, options: WorkerOptions]>([
  ['a pull consumer', {}],
  ['a push consumer', { consumer: { deliverGroup: 'shop' } }],
  ['a batch handler', { batchSize: 20 }],
  ['orderBy', { orderByProduct: true }],
])('11: worker - one of two with %s is killed repeatedly under load - nothing is lost', async (_kind, options) => {
  // Each kill counts a delivery of every prefetched message.
  const scenario = await startScenario({ servers: url, consumer: { ackWait: '1s', maxDeliver: -1 } });
  const over = new AbortController();
  const publishing = (async () => {
    while (!over.signal.aborted) {
      await scenario.publish(BATCH, { product: (id) => `product-${id % KEYS}` });
      await eventually('the backlog is small', () => waiting(scenario) < BACKLOG);
    }
  })();
  try {
    await killRepeatedly(scenario, { ...options, behaviour: { does: 'succeed', afterMs: 20 } }, KILLS);
  } finally {
    over.abort();
    await publishing;
  }
  await scenario.drained();
  const { ok, handled } = await scenario.proof();
  expect(handled.size).toBe(ok.size);
});

it('11: worker - its handler calls process.exit while others run - all are handled', async () => {
  const scenario = await startScenario({ servers: url, consumer: { ackWait: '1s' } });
  const exiting = await scenario.worker({ behaviour: { does: 'exit', code: EXIT_CODE, every: 50, times: 1 } });
  exiting.expectedEnds.add(EXIT_CODE);
  await scenario.publish(100);
  expect(await exiting.ended).toBe(EXIT_CODE);
  await scenario.worker();
  await scenario.drained();
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(100);
});

it('12: worker - its handler calls process.exit on every attempt - one dead letter, although no process survived to store it', async () => {
  const consumer = { maxDeliver: 2, ackWait: '1s', concurrency: 1, prefetch: 1 } as const;
  const scenario = await startScenario({ servers: url, consumer });
  await scenario.publish(3);
  for (let delivery = 1; delivery <= consumer.maxDeliver; delivery++) {
    const exiting = scenario.spawn({ behaviour: { does: 'exit', code: EXIT_CODE, every: 3 } });
    exiting.expectedEnds.add(EXIT_CODE);
    expect(await exiting.ended).toBe(EXIT_CODE);
  }
  await scenario.worker();
  await eventually('dead-lettered', async () => (await scenario.account()).dead.size === 1);
  const { dead, handled } = await scenario.proof();
  expect([...dead]).toEqual([[3, 1]]);
  expect([...handled]).toEqual([1, 2]);
});

it('12: workers - two versions with different maxDeliver fail on one durable - one dead letter each, within the higher limit', async () => {
  const scenario = await startScenario({ servers: url, consumer: { retryDelay: [20], concurrency: 2 } });
  const behaviour = { does: 'fail', afterMs: 5 } as const;
  await scenario.worker({ behaviour, consumer: { maxDeliver: 3 } });
  await scenario.worker({ behaviour, consumer: { maxDeliver: 6 } });
  await scenario.publish(40);
  await scenario.drained();
  await eventually('all dead-lettered', async () => (await scenario.account()).dead.size === 40);
  await scenario.proof();
  const deadLetters = await deadLettersOf(scenario.observer, STREAM);
  const deliveries = deadLetters.map(({ header }) => Number(header.get('Dead-Letter-Deliveries')));
  expect(Math.min(...deliveries)).toBeGreaterThanOrEqual(3);
  expect(Math.max(...deliveries)).toBeLessThanOrEqual(6);
});

describe('8: consumer - deleted', () => {
  it('while one of two workers holds an old message - recreated at that message, and nothing is skipped', async () => {
    const scenario = await startScenario({ servers: url, consumer: { concurrency: 1, prefetch: 1, ackWait: '2s' } });
    const holding = await scenario.worker({ behaviour: { does: 'wait' } });
    await scenario.publish(1);
    await eventually('it holds the first', () => begun(scenario) === 1);
    const other = await scenario.worker({ consumer: { concurrency: 8, prefetch: 32 } });
    await scenario.publish(500);
    await eventually('the other has handled 500', () => scenario.handled().size === 500);
    await scenario.serverMayForget(() => scenario.observer.manager.consumers.delete(STREAM, DURABLE));
    await holding.kill();
    await scenario.publish(100);
    await scenario.drained();
    await eventually('the first is handled', () => scenario.handled().size === 601);
    expect(other.endedWith).toBeUndefined();
    await scenario.proof();
  });

  it('while five workers share it, under load - nothing is lost', async () => {
    const scenario = await startScenario({ servers: url, consumer: { concurrency: 4 } });
    const options = { behaviour: { does: 'succeed', afterMs: 2 } } as const;
    await Promise.all(Array.from({ length: 5 }, () => scenario.worker(options)));
    const publishing = scenario.publish(3_000);
    for (const share of [500, 1_500]) {
      await eventually(`${share} handled`, () => scenario.handled().size > share);
      await scenario.serverMayForget(() => scenario.observer.manager.consumers.delete(STREAM, DURABLE));
    }
    await publishing;
    await scenario.drained();
    const { handled } = await scenario.proof();
    expect(handled.size).toBe(3_000);
  });

  it('while messages wait for their retry - they are retried, and the others are not', async () => {
    const scenario = await startScenario({ servers: url, consumer: { retryDelay: ['1h'] } });
    await scenario.worker({ behaviour: { does: 'fail', every: 5, times: 1 } });
    await scenario.publish(50);
    await eventually('40 are done', () => scenario.handled().size === 40);
    await eventually('10 wait for their retry', async () => {
      const { num_ack_pending } = await scenario.observer.manager.consumers.info(STREAM, DURABLE);
      return num_ack_pending === 10;
    });
    // The recreated consumer counts deliveries from 1 and delivers the waiting orders at once.
    await scenario.serverMayForget(() => scenario.observer.manager.consumers.delete(STREAM, DURABLE));
    await scenario.drained();
    const { handled, runs } = await scenario.proof();
    expect(handled.size).toBe(50);
    expect(runs.filter(({ what }) => what === 'succeeded')).toHaveLength(50);
  });
});

it('9: stream - purged under load - later messages are handled, and nothing waits for purged ones', async () => {
  const scenario = await startScenario({ servers: url, consumer: { concurrency: 2 } });
  await scenario.worker({ behaviour: { does: 'succeed', afterMs: 5 } });
  await scenario.publish(500);
  await eventually('some are handled', () => scenario.handled().size > 50);
  await scenario.observer.manager.streams.purge(STREAM);
  const after = await scenario.publish(200);
  await scenario.drained();
  await scenario.stopWorkers();
  const handled = scenario.handled();
  expect(after.filter((id) => !handled.has(id))).toEqual([]);
});
