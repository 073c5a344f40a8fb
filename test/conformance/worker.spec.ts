import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { DURABLE, STREAM, duplicatesOf, startScenario, type Scenario } from './harness';

const MAX_DELIVER = 3;

let url: string;
beforeEach(async () => {
  ({ url } = await startTestServer());
});

function begun(scenario: Scenario, worker?: string): number {
  return scenario.runs().filter((run) => run.what === 'began' && (!worker || run.worker === worker)).length;
}

it('11: worker - killed in its handlers - its messages are handled by another one after ackWait', async () => {
  const scenario = await startScenario({ servers: url });
  const dying = await scenario.worker({ behaviour: { does: 'hang' } });
  await scenario.publish(20);
  await eventually('it has begun some', () => begun(scenario) > 0);
  await scenario.worker();
  await dying.kill();
  await scenario.drained();
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(20);
});

/**
 * Lets order 7 kill its worker in each of its attempts. With one message in flight, no other order
 * is affected.
 */
async function exhaustByKills(scenario: Scenario): Promise<void> {
  await scenario.publish(7);
  for (let delivery = 1; delivery <= MAX_DELIVER; delivery++) {
    const dying = scenario.spawn({ behaviour: { does: 'kill', every: 7 } });
    dying.expectedEnds.add('SIGKILL');
    await dying.ended;
  }
}

const killOptions = () => ({
  servers: url,
  consumer: { maxDeliver: MAX_DELIVER, ackWait: '1s', concurrency: 1, prefetch: 1 } as const,
});

it('12: worker - killed by its own handler on every attempt - one dead letter, although no process survived to store it', async () => {
  const scenario = await startScenario(killOptions());
  await exhaustByKills(scenario);
  await scenario.worker();
  await eventually('dead-lettered', async () => (await scenario.account()).dead.size === 1);
  const { dead, handled, runs } = await scenario.proof();
  expect([...dead]).toEqual([[7, 1]]);
  expect([...handled]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(runs.filter(({ id, what }) => id === 7 && what === 'began')).toHaveLength(MAX_DELIVER);
});

it('12: worker - killed by its own handler on every attempt, then two start later - exactly one dead letter', async () => {
  const scenario = await startScenario(killOptions());
  await exhaustByKills(scenario);
  const { consumers } = scenario.observer.manager;
  await eventually('all workers are gone', async () => {
    const { num_waiting } = await consumers.info(STREAM, DURABLE);
    return num_waiting === 0;
  });
  expect((await scenario.account()).dead.size).toBe(0);
  await Promise.all([scenario.worker(), scenario.worker()]);
  await eventually('dead-lettered', async () => (await scenario.account()).dead.size === 1);
  const { dead, runs } = await scenario.proof();
  expect([...dead]).toEqual([[7, 1]]);
  expect(runs.filter(({ id, what }) => id === 7 && what === 'began')).toHaveLength(MAX_DELIVER);
});

it('12: worker - killed by its own handler on every attempt, then restarted with a higher maxDeliver - the order gets the remaining attempts', async () => {
  const scenario = await startScenario(killOptions());
  await exhaustByKills(scenario);
  await scenario.worker({ consumer: { maxDeliver: MAX_DELIVER + 2 }, behaviour: { does: 'fail', every: 7 } });
  await scenario.drained();
  const { dead, runs } = await scenario.proof();
  expect([...dead]).toEqual([[7, 1]]);
  expect(runs.filter(({ id, what }) => id === 7 && what === 'began')).toHaveLength(MAX_DELIVER + 2);
});

it('12: worker - killed by its own handler on every attempt, on an interest stream - one dead letter, and the stream is empty', async () => {
  const scenario = await startScenario({ ...killOptions(), stream: { retention: 'interest' } });
  // An interest stream stores nothing before its first consumer exists.
  await (await scenario.worker()).terminate();
  await exhaustByKills(scenario);
  await scenario.worker();
  await scenario.drained();
  await eventually('dead-lettered', async () => (await scenario.account()).dead.size === 1);
  await scenario.drained();
  const { dead, handled, stored } = await scenario.proof();
  expect([...dead]).toEqual([[7, 1]]);
  expect(handled.size).toBe(6);
  expect(stored.size).toBe(0);
});

it('36: workers - two, then one, then three on one durable - work moves between them, and nothing is lost', async () => {
  const scenario = await startScenario({ servers: url, consumer: { concurrency: 4, ackWait: '10m' } });
  const options = { behaviour: { does: 'succeed', afterMs: 20 } } as const;
  const [first] = await Promise.all([scenario.worker(options), scenario.worker(options)]);
  const publishing = scenario.publish(6_000);
  await eventually('both handle orders', () => begun(scenario, 'worker-1') > 50 && begun(scenario, 'worker-2') > 50);
  await first?.terminate();
  const alone = begun(scenario, 'worker-2');
  await eventually('the other continues', () => begun(scenario, 'worker-2') > alone + 50);
  await Promise.all([scenario.worker(options), scenario.worker(options)]);
  await eventually(
    'the new ones handle orders',
    () => begun(scenario, 'worker-3') > 50 && begun(scenario, 'worker-4') > 50,
  );
  await publishing;
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.handled.size).toBe(6_000);
  expect(duplicatesOf(account)).toEqual({ redelivered: 0, forgotten: 0 });
});
