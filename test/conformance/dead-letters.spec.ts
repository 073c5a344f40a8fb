import { eventually } from '../support/eventually';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { DURABLE, STREAM, startScenario, type Scenario } from './harness';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

const deadLettered = async (scenario: Scenario, count: number): Promise<void> =>
  eventually(`${count} dead letters`, async () => (await scenario.account()).dead.size === count);

const subjects = async ({ observer }: Scenario): Promise<Record<string, number>> => {
  const { state } = await observer.manager.streams.info(`${STREAM}_DEAD`, { subjects_filter: '>' });
  return state.subjects ?? {};
};

/**
 * Regression: sequences repeat in a recreated stream. The dead letter of an old message was
 * mistaken for that of a new one with the same sequence. The new message was terminated without a
 * copy.
 */
it('14: dead letter - stream recreated, so that sequences repeat - stored beside the older one of the same sequence', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver: 1 } });
  await scenario.worker({ behaviour: { does: 'fail' } });
  await scenario.publish(3);
  await deadLettered(scenario, 3);
  const { streams } = scenario.observer.manager;
  const { config } = await streams.info(STREAM);
  await scenario.serverMayForget(async () => {
    await streams.delete(STREAM);
    await streams.add(config);
  });
  await scenario.publish(3);
  await deadLettered(scenario, 6);
  await scenario.drained();
  await scenario.proof();
  expect(await subjects(scenario)).toEqual(
    Object.fromEntries([1, 2, 3].map((sequence) => [`dead.${STREAM}.${DURABLE}.${sequence}`, 2])),
  );
});

it('14: attempts - stream recreated after a final attempt - the new message of the same sequence gets all its attempts', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver: 2, ackWait: '1s' } });
  const first = await scenario.worker({ behaviour: { does: 'fail', times: 1 } });
  await scenario.publish(1);
  await eventually('it is handled', () => scenario.handled().size === 1);
  await scenario.drained();
  await first.kill();
  const records = await scenario.observer.manager.streams.info('JETSTREAM_ATTEMPTS');
  expect(records.state.messages).toBe(1);
  const { streams } = scenario.observer.manager;
  const { config } = await streams.info(STREAM);
  await scenario.serverMayForget(async () => {
    await streams.delete(STREAM);
    await streams.add(config);
  });
  await scenario.worker({ behaviour: { does: 'fail' } });
  await scenario.publish(1);
  await deadLettered(scenario, 1);
  await scenario.drained();
  const { dead, runs } = await scenario.proof();
  expect([...dead]).toEqual([[2, 1]]);
  expect(runs.filter(({ id, what }) => id === 2 && what === 'began')).toHaveLength(2);
});

it('14: dead letter - server killed twice while hundreds are dead-lettered - exactly one dead letter each', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver: 1 } });
  await scenario.worker({ behaviour: { does: 'fail' } });
  const publishing = scenario.publish(1_000);
  for (const share of [200, 500]) {
    await eventually(`${share} ran`, () => scenario.runs().length > 2 * share);
    await scenario.serverMayForget(async () => {
      // Acknowledgements are lost until the server is back.
      await server.kill();
      await server.restart();
    });
  }
  await publishing;
  await scenario.drained();
  const { ok, dead } = await scenario.proof();
  expect(dead.size).toBeGreaterThanOrEqual(ok.size);
});

it('14: dead letter - PubAck lost - stored once, and its message is terminated', async () => {
  const proxy = await startProxy(server.url);
  const scenario = await startScenario({
    servers: server.url,
    workersVia: proxy.url,
    consumer: { maxDeliver: 1 },
  });
  await scenario.worker({ behaviour: { does: 'fail' } });
  const lost = proxy.loseOne('toClient', ({ payload }) => payload.startsWith(`{"stream":"${STREAM}_DEAD"`));
  await scenario.publish(3);
  await lost;
  await scenario.drained();
  const { dead } = await scenario.proof();
  expect([...dead.values()]).toEqual([1, 1, 1]);
});

it.each([
  ['the last delivery', { maxDeliver: 1 }],
  ['a delivery before the last', { maxDeliver: 5, terminal: true }],
] as const)(
  '14: worker - killed between dead letter and term, on %s - exactly one dead letter',
  async (_what, { maxDeliver }) => {
    const proxy = await startProxy(server.url);
    const scenario = await startScenario({
      servers: server.url,
      workersVia: proxy.url,
      consumer: { maxDeliver, ackWait: '1s' },
    });
    const dying = await scenario.worker({ behaviour: { does: 'fail' } });
    const lost = proxy.loseOne('toServer', ({ payload }) => payload.startsWith('+TERM'));
    await scenario.publish(1);
    await lost;
    await dying.kill();
    await scenario.worker({ behaviour: { does: 'fail' } });
    await scenario.drained();
    const { dead } = await scenario.proof();
    expect([...dead]).toEqual([[1, 1]]);
  },
);
