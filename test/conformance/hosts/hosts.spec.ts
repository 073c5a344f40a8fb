import { setTimeout as delay } from 'node:timers/promises';
import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { startHostCluster, type HostCluster, type HostName } from '../../support/docker/host-cluster';
import { describeWithDocker } from '../../support/docker/with-docker';
import { eventually } from '../../support/eventually';
import { ORDER_CREATED, order } from '../../support/orders';
import { startScenario, type Scenario } from '../harness';

const BATCH = 200;
/** Number of an order that only the partitioned host receives. */
const BEHIND_PARTITION = 1_000_000;

async function waitUntilStored(scenario: Scenario): Promise<void> {
  const before = scenario.publisher.ok.size;
  const isStored = async (): Promise<boolean> => {
    await scenario.publish(10);
    return scenario.publisher.ok.size > before;
  };
  await eventually('events are stored', isStored);
}

/** Waits until all three hosts have the stream and can create consumers. */
async function allCatchUp({ observer: { manager } }: Scenario): Promise<void> {
  const haveCaughtUp = async (): Promise<boolean> => {
    // There is no answer during an election.
    const info = await manager.streams.info('ORDERS').catch(() => undefined);
    const replicas = info?.cluster?.replicas ?? [];
    return replicas.length === 2 && replicas.every(({ current, offline }) => current && !offline);
  };
  await eventually('every host has the stream', haveCaughtUp, { withinMs: 90_000 });
  const createsConsumers = async (): Promise<boolean> => {
    const probes = await Promise.allSettled(
      Array.from({ length: 6 }, async () => manager.consumers.add('ORDERS', { inactive_threshold: 60e9 })),
    );
    return probes.every(({ status }) => status === 'fulfilled');
  };
  await eventually('every host creates consumers', createsConsumers);
}

describeWithDocker('hosts', () => {
  let cluster: HostCluster;
  beforeEach(async () => {
    cluster = await startHostCluster();
  }, 5 * 60_000);
  afterEach(async () => cluster?.stop());

  async function scenarioAt(...names: readonly HostName[]): Promise<Scenario> {
    const servers = names.map((name) => cluster.url(name));
    return startScenario({ servers, stream: { replicas: 3 } });
  }

  async function leaderOf({ observer }: Scenario): Promise<HostName | undefined> {
    // There is no answer during an election.
    const info = await observer.manager.streams.info('ORDERS').catch(() => undefined);
    return cluster.names.find((name) => name === info?.cluster?.leader);
  }

  /** Waits for a leader of the stream other than `not`, and returns its host. */
  async function leading(scenario: Scenario, not?: HostName): Promise<HostName> {
    const { connection } = scenario.observer;
    let leader: HostName | undefined;
    const isFound = async (): Promise<boolean> => {
      leader = await leaderOf(scenario);
      if (leader === undefined) return false;
      if (leader !== not) return true;
      await connection.request('$JS.API.STREAM.LEADER.STEPDOWN.ORDERS').catch(() => undefined);
      return false;
    };
    await eventually('a host is leader', isFound);
    if (!leader) throw new Error('No host is leader.');
    return leader;
  }

  it('5: cluster - rolling restart of three hosts in lame duck mode under load - nothing is lost', async () => {
    const scenario = await scenarioAt(...cluster.names);
    await scenario.worker();
    const rolling = new AbortController();
    const publishing = (async () => {
      while (!rolling.signal.aborted) {
        await scenario.publish(BATCH);
        await delay(20);
      }
    })();
    try {
      for (const name of cluster.names) {
        await scenario.serverMayForget(async () => {
          await cluster.restart(name);
          await waitUntilStored(scenario);
        });
        await allCatchUp(scenario);
      }
    } finally {
      rolling.abort();
      await publishing;
    }
    await scenario.drained();
    const { ok } = await scenario.proof();
    expect(ok.size).toBeGreaterThan(BATCH);
  });

  it('10: cluster - host of the leader lost with its disk and replaced by an empty one - nothing is lost, and the new host catches up', async () => {
    const scenario = await scenarioAt(...cluster.names);
    await scenario.worker();
    await scenario.publish(BATCH);
    const lost = await leading(scenario);
    await scenario.serverMayForget(async () => {
      await cluster.lose(lost);
      await waitUntilStored(scenario);
    });
    await cluster.replace(lost);
    await allCatchUp(scenario);
    await scenario.publish(BATCH);
    await scenario.drained();
    const { ok } = await scenario.proof();
    expect(ok.size).toBeGreaterThanOrEqual(2 * BATCH);
  });

  it('6: cluster - host of the leader partitioned from the other hosts, but not from its clients - it acknowledges nothing, the others continue, and nothing is lost', async () => {
    const scenario = await scenarioAt('node-1');
    const { publisher } = scenario;
    const isolated = await leading(scenario, 'node-1');
    const atIsolated = { servers: cluster.url(isolated) };
    await scenario.worker(atIsolated);
    await scenario.worker({ servers: cluster.url('node-1') });
    const partitioned = new NatsJetStreamClientProxy({
      connectionOptions: atIsolated,
      jetStreamOptions: { timeout: 1_000 },
    });
    await scenario.serverMayForget(async () => {
      try {
        await partitioned.connect();
        await scenario.publish(BATCH);
        await cluster.cutOff(isolated);
        const refusal: unknown = await partitioned
          .emitAsync(ORDER_CREATED, order(BEHIND_PARTITION))
          .catch((error: unknown) => error);
        expect(refusal).toMatchObject({ code: 'PUBLISH_TIMEOUT' });
        publisher.unknown.set(BEHIND_PARTITION, refusal);
        await waitUntilStored(scenario);
        await scenario.publish(BATCH);
        await eventually('the others handle', () => scenario.handled().size > BATCH);
      } finally {
        await cluster.rejoin(isolated);
        await partitioned.close();
      }
      await waitUntilStored(scenario);
    });
    await allCatchUp(scenario);
    await scenario.drained();
    const { ok } = await scenario.proof();
    expect(ok.size).toBeGreaterThanOrEqual(2 * BATCH);
  });
});
