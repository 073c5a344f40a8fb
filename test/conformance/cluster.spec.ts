import { eventually } from '../support/eventually';
import { startTestCluster, type TestCluster } from '../support/nats-cluster';
import { STREAM, disorders, startScenario, type Scenario } from './harness';

const ELECTION_MS = 30_000;

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startTestCluster();
});

/** A stream of three replicas, whose publisher never gives up while there is an election. */
async function start(): Promise<Scenario> {
  const options = { stream: { replicas: 3 }, consumer: { ackWait: '5s' } } as const;
  const transport = { jetStreamOptions: { timeout: 5_000 } };
  let scenario: Scenario | undefined;
  await eventually(
    'a cluster',
    async () => {
      scenario = await startScenario({ servers: cluster.urls, transport, ...options }).catch(() => undefined);
      return scenario !== undefined;
    },
    { withinMs: ELECTION_MS },
  );
  if (!scenario) throw new Error('no cluster');
  return scenario;
}

async function isCurrent({ observer }: Scenario): Promise<boolean> {
  const { cluster: found } = await observer.manager.streams.info(STREAM);
  return found?.leader !== undefined && found.replicas?.length === 2 && found.replicas.every(({ current }) => current);
}

async function allCurrent(scenario: Scenario): Promise<void> {
  await eventually('replicas are current', () => isCurrent(scenario).catch(() => false), { withinMs: ELECTION_MS });
}

/** Publishes until a fault is over. */
async function publishDuring(scenario: Scenario, fault: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const publishing = (async () => {
    while (!over.signal.aborted) await scenario.publish(20, { window: 4, product: (id) => `product-${id % 4}` });
  })();
  await fault();
  over.abort();
  await publishing;
}

it('5: cluster - every node in turn retires as a lame duck and is upgraded - every publish is acknowledged, consumers move', async () => {
  const scenario = await start();
  await Promise.all([scenario.worker(), scenario.worker()]);
  await allCurrent(scenario);
  await publishDuring(scenario, async () => {
    for (const name of cluster.names) {
      await cluster.lameDuck(name);
      await cluster.restart(name);
      await allCurrent(scenario);
    }
  });
  await scenario.drained();
  const { ok } = await scenario.proof();
  expect([...scenario.publisher.unknown.values(), ...scenario.publisher.failed.values()]).toEqual([]);
  expect(ok.size).toBeGreaterThan(100);
});

it('10: cluster - the leader of stream and consumer steps down, then is killed - nothing is lost, and each key keeps its order', async () => {
  const scenario = await start();
  await scenario.worker({ orderByProduct: true });
  await allCurrent(scenario);
  const { connection, manager } = scenario.observer;
  await publishDuring(scenario, async () => {
    await connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${STREAM}`);
    await allCurrent(scenario);
    await connection.request(`$JS.API.CONSUMER.LEADER.STEPDOWN.${STREAM}.orders`);
    await allCurrent(scenario);
    const { cluster: found } = await manager.streams.info(STREAM);
    await scenario.serverMayForget(() => cluster.kill(found?.leader ?? ''));
    await cluster.restart(found?.leader ?? '');
    await allCurrent(scenario);
  });
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.unknown.size).toBe(0);
  expect(disorders(account)).toEqual([]);
});
