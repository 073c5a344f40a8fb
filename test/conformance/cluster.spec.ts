import { eventually } from '../support/eventually';
import { startTestCluster, type TestCluster } from '../support/nats-cluster';
import { STREAM, disorders, startScenario, type Scenario } from './harness';
import type { Account } from './harness/account';

const ELECTION_MS = 60_000;

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startTestCluster();
});

/** Attempts a second apart, for longer than an election takes. */
const PATIENT = { retries: 20, timeout: '1s' } as const;

/** A stream of three replicas. */
async function start(): Promise<Scenario> {
  return startScenario({ servers: cluster.urls, stream: { replicas: 3 }, consumer: { ackWait: '5s' } });
}

async function isCurrent({ observer }: Scenario): Promise<boolean> {
  const { cluster: found } = await observer.manager.streams.info(STREAM);
  return found?.leader !== undefined && found.replicas?.length === 2 && found.replicas.every(({ current }) => current);
}

async function allCurrent(scenario: Scenario): Promise<void> {
  await eventually('replicas are current', () => isCurrent(scenario).catch(() => false), { withinMs: ELECTION_MS });
}

/**
 * Waits until the cluster stores and hands out again after a fault: only then is there something
 * for the next one to break.
 */
async function goesOn(scenario: Scenario): Promise<void> {
  await allCurrent(scenario);
  const { size } = scenario.publisher.ok;
  const isBusy = (): boolean => scenario.publisher.ok.size > size + 100 && scenario.handled().size > size;
  await eventually('it stores and hands out', isBusy, { withinMs: ELECTION_MS });
}

/** Publishes until a fault is over. */
async function publishDuring(scenario: Scenario, fault: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const publishing = (async () => {
    while (!over.signal.aborted) await scenario.publish(20, { product: (id) => `product-${id % 4}`, options: PATIENT });
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
      await goesOn(scenario);
    }
  });
  await scenario.drained();
  const { ok } = await scenario.proof();
  expect([...scenario.publisher.unknown.values(), ...scenario.publisher.failed.values()]).toEqual([]);
  expect(ok.size).toBeGreaterThan(100);
});

/**
 * What a leader counted as delivered, and that never arrived: it comes again after ackWait, behind
 * what came meanwhile.
 */
function lostOnItsWay({ runs }: Account): ReadonlySet<number> {
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
    await goesOn(scenario);
    await connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${STREAM}`);
    await goesOn(scenario);
    await connection.request(`$JS.API.CONSUMER.LEADER.STEPDOWN.${STREAM}.orders`);
    await goesOn(scenario);
    const { cluster: found } = await manager.streams.info(STREAM);
    await scenario.serverMayForget(() => cluster.kill(found?.leader ?? ''));
    await cluster.restart(found?.leader ?? '');
    await goesOn(scenario);
  });
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.ok.size).toBeGreaterThan(400);
  expect([...scenario.publisher.unknown.values(), ...scenario.publisher.failed.values()]).toEqual([]);
  const late = lostOnItsWay(account);
  expect(disorders({ ...account, runs: account.runs.filter(({ seq }) => !late.has(seq)) })).toEqual([]);
});
