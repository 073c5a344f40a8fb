import { eventually } from '../support/eventually';
import { startTestCluster } from '../support/nats-cluster';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { STREAM, startScenario, type Scenario } from './harness';

function begun(scenario: Scenario): number {
  return scenario.runs().filter(({ what }) => what === 'began').length;
}

it('hands back a backlog of 200 on SIGTERM without using up maxDeliver 1', async () => {
  const { url } = await startTestServer();
  const scenario = await startScenario({ servers: url, consumer: { maxDeliver: 1, concurrency: 4, prefetch: 64 } });
  const slow = { behaviour: { does: 'succeed', afterMs: 50 } } as const;
  const leaving = await scenario.worker(slow);
  await scenario.publish(200);
  await eventually('it handles some', () => begun(scenario) > 8);
  await leaving.terminate();
  await scenario.worker(slow);
  await scenario.drained();
  const { handled, dead } = await scenario.proof();
  expect(dead.size).toBe(0);
  expect(handled.size).toBe(200);
});

it('handles prefetched orders when another order kills the process in each of its attempts', async () => {
  const { url } = await startTestServer();
  const consumer = { maxDeliver: 2, ackWait: '2s', concurrency: 8, prefetch: 8 } as const;
  const scenario = await startScenario({ servers: url, consumer });
  await scenario.publish(8);
  for (let attempt = 0; attempt < consumer.maxDeliver; attempt++) {
    const dying = scenario.spawn({ behaviour: { does: 'kill', upTo: 1 } });
    dying.expectedEnds.add('SIGKILL');
    await dying.ended;
  }
  await scenario.worker();
  await scenario.drained();
  const { handled, dead } = await scenario.proof();
  expect([...dead]).toEqual([[1, 1]]);
  expect([...handled].toSorted((one, other) => one - other)).toEqual([2, 3, 4, 5, 6, 7, 8]);
});

it('runs an order whose process was killed after it announced the final attempt and before it began', async () => {
  const { url } = await startTestServer();
  const proxy = await startProxy(url);
  const consumer = { maxDeliver: 2, ackWait: '1s', concurrency: 1, prefetch: 1 } as const;
  const scenario = await startScenario({ servers: url, consumer });
  await scenario.publish(1);
  const dying = scenario.spawn({ behaviour: { does: 'kill' } });
  dying.expectedEnds.add('SIGKILL');
  await dying.ended;
  const announced = proxy.holdOne('toClient', ({ bytes }) =>
    bytes.toString().includes('"stream":"JETSTREAM_ATTEMPTS"'),
  );
  const killed = await scenario.worker({ servers: proxy.url });
  await announced.held;
  await killed.kill();
  await scenario.worker();
  await scenario.drained();
  const { handled, dead } = await scenario.proof();
  expect([...handled]).toEqual([1]);
  expect([...dead]).toEqual([]);
});

/** Returns the leader of the JETSTREAM_ stream of the transport, or of the dead letter stream. */
async function nodeOfServiceStream({ observer }: Scenario): Promise<string> {
  const names = await observer.manager.streams.names().next();
  const name = names.find((found) => found.startsWith('JETSTREAM_')) ?? `${STREAM}_DEAD`;
  return (await observer.manager.streams.info(name)).cluster?.leader ?? '';
}

it('dead-letters an order once when its process dies on the last delivery while a cluster node is down', async () => {
  const cluster = await startTestCluster();
  const scenario = await startScenario({
    servers: cluster.urls,
    stream: { replicas: 3 },
    consumer: { ackWait: '1s', maxDeliver: 2, concurrency: 1, prefetch: 1 },
    transport: { jetStreamOptions: { timeout: 5_000 } },
  });
  const dies = async (): Promise<void> => {
    const dying = scenario.spawn({ behaviour: { does: 'kill' } });
    dying.expectedEnds.add('SIGKILL');
    await dying.ended;
  };
  const first = dies();
  await scenario.publish(1, { options: { retries: 20, timeout: '1s' } });
  await first;
  const stopped = await nodeOfServiceStream(scenario);
  await scenario.serverMayForget(() => cluster.kill(stopped));
  await dies();
  await scenario.worker();
  const isDead = async (): Promise<boolean> => (await scenario.account()).dead.size === 1;
  await eventually('dead', () => isDead().catch(() => false));
  await cluster.restart(stopped);
  await scenario.drained();
  const { dead, handled } = await scenario.proof();
  expect([...dead]).toEqual([[1, 1]]);
  expect(handled.size).toBe(0);
});
