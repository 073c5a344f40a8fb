import { eventually } from '../support/eventually';
import { startTestCluster, type TestCluster } from '../support/nats-cluster';
import { STREAM, disorders, startScenario, type Scenario } from './harness';
import type { Account } from './harness/account';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startTestCluster();
});

/** Publishes with one attempt per second for longer than an election takes. */
const FREQUENT = { retries: 20, timeout: '1s' } as const;

/** Starts a scenario with a stream of three replicas. */
async function start(): Promise<Scenario> {
  return startScenario({ servers: cluster.urls, stream: { replicas: 3 }, consumer: { ackWait: '5s' } });
}

async function isCurrent({ observer }: Scenario): Promise<boolean> {
  const { cluster: found } = await observer.manager.streams.info(STREAM);
  return found?.leader !== undefined && found.replicas?.length === 2 && found.replicas.every(({ current }) => current);
}

async function allCurrent(scenario: Scenario): Promise<void> {
  await eventually('replicas are current', () => isCurrent(scenario).catch(() => false));
}

/**
 * Waits until the cluster stores and delivers again after a fault, so that the next fault has an
 * effect.
 */
async function waitUntilBusy(scenario: Scenario): Promise<void> {
  await allCurrent(scenario);
  const { size } = scenario.publisher.ok;
  const isBusy = (): boolean => scenario.publisher.ok.size > size + 100 && scenario.handled().size > size;
  await eventually('it stores and delivers', isBusy);
}

/** Publishes while a fault runs. */
async function publishDuring(scenario: Scenario, fault: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const publishing = (async () => {
    while (!over.signal.aborted)
      await scenario.publish(20, { product: (id) => `product-${id % 4}`, options: FREQUENT });
  })();
  try {
    await fault();
  } finally {
    over.abort();
    await publishing;
  }
}

it('5: cluster - rolling upgrade of every node in lame duck mode - every publish is acknowledged, and consumers move', async () => {
  const scenario = await start();
  await Promise.all([scenario.worker(), scenario.worker()]);
  await allCurrent(scenario);
  await publishDuring(scenario, async () => {
    for (const name of cluster.names) {
      await cluster.lameDuck(name);
      await cluster.restart(name);
      await waitUntilBusy(scenario);
    }
  });
  await scenario.drained();
  const { ok } = await scenario.proof();
  expect([...scenario.publisher.unknown.values(), ...scenario.publisher.failed.values()]).toEqual([]);
  expect(ok.size).toBeGreaterThan(100);
});

/**
 * Returns messages that a leader counted as delivered but that never arrived. They are redelivered
 * after ackWait, behind later ones.
 */
function lostInFlight({ runs }: Account): ReadonlySet<number> {
  const first = new Map<number, number>();
  for (const { seq, delivery } of runs) if (!first.has(seq)) first.set(seq, delivery);
  return new Set([...first].flatMap(([seq, delivery]) => (delivery > 1 ? [seq] : [])));
}

it('10: cluster - the leader of stream and consumer steps down, then is killed - nothing is lost, and each key keeps its order except for messages lost in flight', async () => {
  const scenario = await start();
  await scenario.worker({ orderByProduct: true });
  await allCurrent(scenario);
  const { connection, manager } = scenario.observer;
  await publishDuring(scenario, async () => {
    await waitUntilBusy(scenario);
    await connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${STREAM}`);
    await waitUntilBusy(scenario);
    await connection.request(`$JS.API.CONSUMER.LEADER.STEPDOWN.${STREAM}.orders`);
    await waitUntilBusy(scenario);
    const { cluster: found } = await manager.streams.info(STREAM);
    await scenario.serverMayForget(() => cluster.kill(found?.leader ?? ''));
    await cluster.restart(found?.leader ?? '');
    await waitUntilBusy(scenario);
  });
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.ok.size).toBeGreaterThan(400);
  expect([...scenario.publisher.unknown.values(), ...scenario.publisher.failed.values()]).toEqual([]);
  const late = lostInFlight(account);
  expect(disorders({ ...account, runs: account.runs.filter(({ seq }) => !late.has(seq)) })).toEqual([]);
});
