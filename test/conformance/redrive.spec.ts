import { JetStreamAdmin } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import type { NatsFrame } from '../support/nats-frames';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { DURABLE, STREAM, startScenario, type Scenario } from './harness';
import type { WorkerProcess } from './harness/worker-process';

const DEAD = `${STREAM}_DEAD`;
const REDRIVES = `redrive-${DURABLE}`;

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

/** Publishes orders, and stops the worker that dead-letters them. */
async function deadLetter(scenario: Scenario, count: number): Promise<void> {
  const failing = await scenario.worker({ behaviour: { does: 'fail' } });
  await scenario.publish(count);
  await eventually(`${count} dead letters`, async () => (await scenario.account()).dead.size === count);
  await scenario.drained();
  await failing.terminate();
}

/** Starts a process that only redrives. */
async function operatorProcess(scenario: Scenario, servers: string): Promise<WorkerProcess> {
  return scenario.worker({ subject: 'order.none', consumer: { durable: 'operator' }, servers });
}

async function operator(): Promise<JetStreamAdmin> {
  const app = await startTestApp(server.url, { id: 'operator', jetStreamOptions: { timeout: 1_000 } });
  return app.get(JetStreamAdmin);
}

async function left({ observer }: Scenario): Promise<number> {
  try {
    return (await observer.manager.streams.info(DEAD)).state.messages;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

async function nothingLeft(scenario: Scenario): Promise<void> {
  await eventually('no dead letter and no copy is left', async () => (await left(scenario)) === 0);
}

function successes(scenario: Scenario): number[] {
  return scenario.runs().flatMap(({ what, id }) => (what === 'succeeded' ? [id] : []));
}

const isCopy = ({ line }: NatsFrame): boolean => line.includes(`PUB dead.${STREAM}.${DURABLE}.`);
const STEPS: readonly [string, 'toServer' | 'toClient', (frame: NatsFrame) => boolean][] = [
  ['before it creates the consumer', 'toServer', ({ line }) => line.includes(`CONSUMER.CREATE.${DEAD}.${REDRIVES}`)],
  ['before it names the consumer', 'toServer', ({ line }) => line.includes(`CREATE.${STREAM}.${DURABLE}`)],
  ['before it stores the copy', 'toServer', isCopy],
  ['before it receives the PubAck', 'toClient', ({ payload }) => payload.startsWith(`{"stream":"${DEAD}"`)],
  ['before it erases the dead letter', 'toServer', ({ line }) => line.includes('STREAM.MSG.DELETE')],
];

it('14: redrive - operators killed at every step - each order is handled once', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver: 1 } });
  await deadLetter(scenario, 3);
  // Repeated redrives must not depend on the message id.
  await scenario.observer.manager.streams.update(DEAD, { duplicate_window: 100_000_000 });
  const dying = STEPS.map(async ([, direction, matches]) => {
    const proxy = await startProxy(server.url);
    const operating = await operatorProcess(scenario, proxy.url);
    return { operating, lost: () => proxy.loseOne(direction, matches) };
  });
  for (const { operating, lost } of await Promise.all(dying)) {
    const stopped = lost();
    void operating.redriveAll().catch(() => undefined);
    await stopped;
    await operating.kill();
  }
  expect(await left(scenario)).toBe(4);
  await scenario.worker();
  // The redrive that was interrupted is completed before it is repeated.
  await eventually('no copy is left', async () => (await scenario.account()).pending.size === 0);
  await (await operator()).redriveAll(STREAM);
  await nothingLeft(scenario);
  const { handled } = await scenario.proof();
  expect(handled).toEqual(new Set([1, 2, 3]));
  expect(successes(scenario).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
});

it('14: redrive - worker killed in the handler - another one handles it', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver: 2 } });
  await deadLetter(scenario, 3);
  const dying = await scenario.worker({ behaviour: { does: 'wait' } });
  await (await operator()).redriveAll(STREAM);
  await eventually('all run', () => scenario.runs().filter(({ worker }) => worker === dying.name).length === 3);
  await dying.kill();
  await scenario.worker();
  await nothingLeft(scenario);
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(3);
  expect(successes(scenario)).toHaveLength(3);
});

it('14: redrive - worker killed by its own handler on every attempt - one new dead letter', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver: 2, ackWait: '1s' } });
  await deadLetter(scenario, 1);
  await (await operator()).redriveAll(STREAM);
  for (let kills = 0; kills < 2; kills++) {
    const dying = scenario.spawn({ behaviour: { does: 'kill' } });
    dying.expectedEnds.add('SIGKILL');
    await dying.ended;
  }
  await scenario.worker({ behaviour: { does: 'kill' } });
  await eventually('one dead letter', async () => (await scenario.account()).dead.size === 1);
  await eventually('its copy is erased', async () => (await left(scenario)) === 1);
  const { dead, runs } = await scenario.proof();
  expect([...dead]).toEqual([[1, 1]]);
  expect(runs.filter(({ what }) => what === 'began')).toHaveLength(4);
  const stored = await scenario.observer.manager.streams.getMessage(DEAD, {
    last_by_subj: `dead.${STREAM}.${DURABLE}.1`,
  });
  expect(stored?.header.get('Dead-Letter-Redrives')).toBe('1');
  expect(stored?.header.get('Dead-Letter-Reason')).toContain('process exited');
});

it.each([
  [
    'the copy is erased',
    'succeed',
    2,
    ({ line, payload }: NatsFrame) => line.includes('MSG.DELETE') && payload.includes('"seq":2'),
  ],
  // With maxDeliver 1, an order without an acknowledgement would be dead-lettered.
  ['its message is terminated', 'fail', 1, ({ payload }: NatsFrame) => payload.startsWith('+TERM')],
] as const)(
  '14: redrive - worker killed before %s - the order stays in one state',
  async (_step, does, maxDeliver, matches) => {
    const proxy = await startProxy(server.url);
    const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver, ackWait: '1s' } });
    await deadLetter(scenario, 1);
    await (await operator()).redriveAll(STREAM);
    const lost = proxy.loseOne('toServer', matches);
    const dying = await scenario.worker({ servers: proxy.url, behaviour: { does } });
    await lost;
    await dying.kill();
    await scenario.worker({ behaviour: { does } });
    const expected = does === 'fail' ? 1 : 0;
    await eventually('its copy is erased', async () => (await left(scenario)) === expected);
    const { dead, handled, pending } = await scenario.proof();
    expect([dead.size, handled.size, pending.size]).toEqual([expected, 1 - expected, 0]);
  },
);

it('14: redrive - server killed twice while hundreds are redriven - each order is handled', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { maxDeliver: 1 } });
  await deadLetter(scenario, 300);
  await scenario.worker();
  const admin = await operator();
  let isDone = false;
  const done = (async () => {
    while ((await scenario.account().catch(() => undefined))?.dead.size !== 0)
      await admin.redriveAll(STREAM).catch(() => undefined);
    isDone = true;
  })();
  for (const share of [50, 150]) {
    await eventually(`${share} handled`, () => isDone || scenario.handled().size > share);
    await scenario.serverMayForget(async () => {
      // Acknowledgements are lost until the server is back.
      await server.kill();
      await server.restart();
    });
  }
  await done;
  await nothingLeft(scenario);
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(300);
});
