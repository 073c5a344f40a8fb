import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { DURABLE, STREAM, duplicatesOf, startScenario, type Scenario } from './harness';

const COUNT = 2_000;
/** Maximum number of messages in flight of a worker with `concurrency` 4. */
const IN_FLIGHT = 16;

let url: string;
beforeEach(async () => {
  ({ url } = await startTestServer());
});

async function deleteConsumerMidRun(scenario: Scenario): Promise<[before: unknown, after: unknown]> {
  const { consumers } = scenario.observer.manager;
  const publishing = scenario.publish(COUNT);
  await eventually('a quarter is handled', () => scenario.handled().size > COUNT / 4);
  const { config: before } = await consumers.info(STREAM, DURABLE);
  await scenario.serverMayForget(() => consumers.delete(STREAM, DURABLE));
  await publishing;
  await scenario.drained();
  const { config: after } = await consumers.info(STREAM, DURABLE);
  return [before, after];
}

it('7: consumer - deleted while it consumes a work queue - recreated with the same configuration, without a loss', async () => {
  const stream = { retention: 'workqueue' } as const;
  const scenario = await startScenario({ servers: url, stream, consumer: { concurrency: 4 } });
  await scenario.worker({ behaviour: { does: 'succeed', afterMs: 1 } });
  const [before, after] = await deleteConsumerMidRun(scenario);
  expect(after).toEqual(before);
  const { handled, stored } = await scenario.proof();
  expect(handled.size).toBe(COUNT);
  expect(stored.size).toBe(0);
});

it('8: consumer - deleted on a limits stream - recreated without a gap, and without a replay of settled messages', async () => {
  const scenario = await startScenario({ servers: url, consumer: { concurrency: 4 } });
  await scenario.worker({ behaviour: { does: 'succeed', afterMs: 1 } });
  await deleteConsumerMidRun(scenario);
  const account = await scenario.proof();
  const { redelivered, forgotten } = duplicatesOf(account);
  expect(redelivered + forgotten).toBeLessThanOrEqual(IN_FLIGHT);
});

it('8: consumer - deleted on an interest stream while its handlers are full - recreated, and only earlier messages are gone, as documented', async () => {
  const scenario = await startScenario({ servers: url, stream: { retention: 'interest' } });
  const worker = await scenario.worker({ behaviour: { does: 'wait' } });
  await scenario.publish(500);
  const { consumers, streams } = scenario.observer.manager;
  await scenario.serverMayForget(() => consumers.delete(STREAM, DURABLE));
  await eventually('removed', async () => (await streams.info(STREAM)).state.messages === 0);
  await eventually(
    'recreated',
    async () => (await consumers.info(STREAM, DURABLE).catch(() => undefined)) !== undefined,
  );
  worker.release();
  const kept = await scenario.publish(500);
  await scenario.drained();
  await scenario.stopWorkers();
  const { handled } = await scenario.account();
  expect(kept.filter((id) => !handled.has(id))).toEqual([]);
});

it('9: stream - deleted - health is down and names it, publishing fails with a typed error, and it is not recreated', async () => {
  const scenario = await startScenario({ servers: url });
  const worker = await scenario.worker();
  await scenario.publish(100);
  await scenario.drained();
  const { streams } = scenario.observer.manager;
  const { config } = await streams.info(STREAM);
  await streams.delete(STREAM);
  await eventually('down', async () => (await worker.health()).status === 'down');
  await eventually('logged', () => /no messages of stream 'ORDERS'.*stream not found/.test(worker.output));
  await scenario.publish(5);
  expect([...scenario.publisher.failed.values()]).toEqual(
    Array.from({ length: 5 }, () => expect.objectContaining({ code: 'NO_STREAM_FOR_SUBJECT' })),
  );
  expect(await streams.names().next()).not.toContain(STREAM);
  await streams.add(config);
  await eventually('up', async () => (await worker.health()).status === 'up');
  await scenario.publish(100);
  await scenario.drained();
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(200);
});
