import { eventually } from '../support/eventually';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { disorders, duplicatesOf, startScenario, type Scenario, type WorkerProcess } from './harness';
import type { ScenarioOptions, WorkerOptions } from './harness/scenario';

jest.setTimeout(5 * 60_000);

const KEYS = 16;
const COUNT = 2_000;
const RESTARTS = 4;
const ORDERED: WorkerOptions = { orderByProduct: true, behaviour: { does: 'succeed', afterMs: 30 } };
// Scaled: a lost instance is replaced after ackWait and three heartbeats.
const CONSUMER = { ackWait: '2s', idleHeartbeat: 500, concurrency: 8, prefetch: 64, maxDeliver: 20 } as const;

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

async function start(options: Partial<ScenarioOptions> = {}): Promise<Scenario> {
  const consumer = { ...CONSUMER, orderAcross: 'instances', ...options.consumer } as const;
  return startScenario({ servers: server.url, ...options, consumer });
}

const keyed = { product: (id: number): string => `product-${id % KEYS}` };

function begunBy(scenario: Scenario, worker?: WorkerProcess): number {
  return scenario.runs().filter(({ what, worker: by }) => what === 'began' && by === worker?.name).length;
}

/** Waits for more runs, and returns the instance that receives the messages. */
async function activeInstance(scenario: Scenario): Promise<WorkerProcess> {
  const living = scenario.workers.filter(({ endedWith }) => endedWith === undefined);
  const before = new Map(living.map((worker) => [worker, begunBy(scenario, worker)]));
  const more = (worker: WorkerProcess): number => begunBy(scenario, worker) - (before.get(worker) ?? 0);
  await eventually('one handles orders', () => living.some((worker) => more(worker) > 100), { withinMs: 90_000 });
  return living.reduce((one, other) => (more(one) > more(other) ? one : other));
}

async function disordersAfter(scenario: Scenario, count: number): Promise<string[]> {
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.handled.size).toBe(count);
  return disorders(account);
}

/** Expects that the first worker began no runs after the next one had begun. */
function expectNoRunsAfterTakeover(scenario: Scenario, one?: WorkerProcess, other?: WorkerProcess): void {
  const begun = scenario.runs().filter(({ what }) => what === 'began');
  const takenOver = begun.findIndex(({ worker }) => worker === other?.name);
  expect(takenOver).toBeGreaterThan(0);
  expect(begun.slice(takenOver).filter(({ worker }) => worker === one?.name)).toEqual([]);
}

it('37: order across instances - the active instance is killed repeatedly with prefetched messages - each key stays in order', async () => {
  const scenario = await start();
  for (let each = 0; each < 3; each++) await scenario.worker(ORDERED);
  const publishing = scenario.publish(COUNT, keyed);
  for (let each = 0; each < 2; each++) await (await activeInstance(scenario)).kill();
  await publishing;
  expect(await disordersAfter(scenario, COUNT)).toEqual([]);
});

it('37: order across instances - a rolling restart under load - each key stays in order, nothing runs twice, and the next continues at once', async () => {
  const slow: WorkerOptions = { ...ORDERED, behaviour: { does: 'succeed', afterMs: 20 } };
  const scenario = await start({ consumer: { ackWait: '10m' } });
  for (let each = 0; each < 2; each++) await scenario.worker(slow);
  const publishing: Promise<unknown>[] = [];
  for (let each = 0; each < RESTARTS; each++) {
    await scenario.worker(slow);
    // Published after the start, which may be slow, so that orders are left.
    publishing.push(scenario.publish(COUNT / RESTARTS, keyed));
    await (await activeInstance(scenario)).terminate();
  }
  await Promise.all(publishing);
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.handled.size).toBe(COUNT);
  expect(account.runs.filter(({ what }) => what === 'began')).toHaveLength(COUNT);
  expect(duplicatesOf(account)).toEqual({ redelivered: 0, forgotten: 0 });
  expect(disorders(account)).toEqual([]);
});

it('37: order across instances - the active instance is frozen until another has taken over, and resumes - each key stays in order', async () => {
  const scenario = await start();
  for (let each = 0; each < 2; each++) await scenario.worker(ORDERED);
  const publishing = scenario.publish(COUNT, keyed);
  const frozen = await activeInstance(scenario);
  await frozen.freezeBetweenRuns();
  const next = await activeInstance(scenario);
  frozen.resume();
  await publishing;
  expect(await disordersAfter(scenario, COUNT)).toEqual([]);
  expectNoRunsAfterTakeover(scenario, frozen, next);
});

it('37: order across instances - the active instance has a half-open connection - each key stays in order', async () => {
  const proxy = await startProxy(server.url);
  const scenario = await start({ workersVia: proxy.url });
  // Its prefetched orders take longer than a takeover.
  const slow = { ...ORDERED, consumer: { concurrency: 2 }, behaviour: { does: 'succeed', afterMs: 200 } } as const;
  const first = await scenario.worker(slow);
  const publishing = scenario.publish(COUNT, keyed);
  await eventually('it handles some', () => begunBy(scenario, first) > 4);
  const next = await scenario.worker({ ...ORDERED, servers: server.url });
  proxy.freezeOpenConnections();
  await eventually('another handles orders', () => begunBy(scenario, next) > 100);
  await publishing;
  expect(await disordersAfter(scenario, COUNT)).toEqual([]);
  expectNoRunsAfterTakeover(scenario, first, next);
});

it('37: order across instances - connections are cut repeatedly - each key stays in order', async () => {
  const proxy = await startProxy(server.url);
  const scenario = await start({ workersVia: proxy.url });
  for (let each = 0; each < 2; each++) await scenario.worker(ORDERED);
  const publishing = scenario.publish(COUNT, keyed);
  for (let each = 0; each < 4; each++) {
    await activeInstance(scenario);
    proxy.cut();
  }
  await publishing;
  expect(await disordersAfter(scenario, COUNT)).toEqual([]);
});

it('37: order across instances - the server restarts and forgets the active instance - each key stays in order', async () => {
  const scenario = await start();
  for (let each = 0; each < 3; each++) await scenario.worker(ORDERED);
  const publishing = scenario.publish(COUNT, keyed);
  for (let each = 0; each < 2; each++) {
    await activeInstance(scenario);
    await server.restart();
  }
  await publishing;
  expect(await disordersAfter(scenario, COUNT)).toEqual([]);
});

it('37: order across instances - a rolling deployment turns it on, while old instances are killed - each key stays in order from then on', async () => {
  const scenario = await start({ consumer: { orderAcross: 'process' } });
  // Slow, so that most orders are left for the new instances even if they start late.
  const slow: WorkerOptions = { ...ORDERED, behaviour: { does: 'succeed', afterMs: 250 } };
  const old = [await scenario.worker(slow), await scenario.worker(slow)];
  const publishing = scenario.publish(COUNT, keyed);
  await activeInstance(scenario);
  const pinned: WorkerOptions = { ...ORDERED, consumer: { ...CONSUMER, orderAcross: 'instances', prefetch: 16 } };
  const first = await scenario.worker(pinned);
  await Promise.all(old.map(async (worker) => worker.kill()));
  const next = [first, await scenario.worker(pinned)];
  const begunByNext = (): number => next.reduce((sum, worker) => sum + begunBy(scenario, worker), 0);
  await eventually('a new one handles orders', () => begunByNext() > 100);
  await publishing;
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.handled.size).toBe(COUNT);
  // The old instances handled the same keys concurrently.
  const since = { ...account, runs: account.runs.filter(({ worker }) => !old.some(({ name }) => name === worker)) };
  expect(disorders(since)).toEqual([]);
});
