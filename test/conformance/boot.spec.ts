import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { DURABLE, STREAM, startScenario } from './harness';

it('44: worker - boots with a slow onModuleInit while orders wait - handles none before onModuleInit finishes, and drops none', async () => {
  const { url } = await startTestServer();
  const scenario = await startScenario({ servers: url });
  await scenario.publish(200);
  const worker = await scenario.worker({ bootMs: 500 });
  await scenario.drained();
  const { runs, handled } = await scenario.proof();
  expect(handled.size).toBe(200);
  const booted = scenario.journal.processes.find(({ what }) => what === 'booted');
  expect(booted?.worker).toBe(worker.name);
  expect(runs.filter(({ at }) => at < (booted?.at ?? Infinity))).toEqual([]);
});

it('44: worker - terminated before its onModuleInit finishes - receives nothing, and another handles all at once', async () => {
  const { url } = await startTestServer();
  const scenario = await startScenario({ servers: url, consumer: { ackWait: '10m' } });
  await scenario.publish(10);
  const booting = scenario.spawn({ bootMs: 30_000 });
  const { consumers } = scenario.observer.manager;
  const bound = async () => consumers.info(STREAM, DURABLE).catch(() => undefined);
  await eventually('its durable is bound', async () => (await bound()) !== undefined);
  await booting.terminate();
  expect((await bound())?.delivered.consumer_seq).toBe(0);
  await scenario.worker();
  await scenario.drained();
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(10);
});
