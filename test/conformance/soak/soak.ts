import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { duplicatesOf, startScenario, type Scenario, type WorkerProcess } from '../harness';
import { seededRandom } from '../harness/seeded-random';
import { grown } from './expect-flat';
import { runRow, type SoakReport, type SoakSample } from './soak-report';

export interface SoakPlan {
  readonly messages: number;
  /** Number of faults, each of a random kind at a random time. */
  readonly faults: number;
  /** Seed of the random faults. Default: random. The report contains it. */
  readonly seed?: number;
}

/** Share of the messages before the first sample, as a warm-up. */
const WARM = 0.1;
const SMALLEST_STEP = 2_000;
const STEPS = 100;
const LIMIT_MS = 10 * 60_000;
const LONGEST_FREEZE_MS = 500;
const MOST_LAST_SAMPLES = 200;
const SEEDS = 2 ** 31;

/**
 * Publishes and handles events while the server is killed or frozen, workers are killed or
 * replaced, and the consumer is deleted. One worker is observed and never killed. Its heap, timers,
 * sockets, listeners and subscriptions must not grow.
 */
export async function soak({ messages, faults, seed = randomInt(SEEDS) }: SoakPlan): Promise<SoakReport> {
  const server = await startTestServer({ monitor: true });
  const scenario = await startScenario({ servers: server.url, consumer: { ackWait: '5s', maxDeliver: -1 } });
  const observed = await scenario.worker();
  const step = Math.max(SMALLEST_STEP, Math.ceil(messages / STEPS));
  const samples: SoakSample[] = [];
  const random = seededRandom(seed);
  const injectors = await injectorsOf(scenario, server, random);
  const injected: string[] = [];
  const began = performance.now();
  for (let published = 0; published < messages; published += step) {
    const count = Math.min(step, messages - published);
    const publishing = scenario.publish(count, { window: 200 });
    if (injected.length < Math.floor((faults * (published + count)) / messages)) {
      const moment = published + Math.floor(random() * count);
      await eventually('the time of the fault', () => scenario.publisher.settled >= moment, { withinMs: LIMIT_MS });
      const [kind, inject] = injectors[Math.floor(random() * injectors.length)] ?? fail();
      await inject();
      injected.push(kind);
    }
    await publishing;
    await eventually('the backlog is small', () => behind(scenario) < step, { withinMs: LIMIT_MS });
    const share = (published + step) / messages;
    if (share >= WARM + samples.length * WARM) samples.push(await sample(scenario, observed, server));
  }
  await scenario.drained({ withinMs: LIMIT_MS });
  const seconds = (performance.now() - began) / 1_000;
  samples.push(await settledSample(() => sample(scenario, observed, server), samples[0]));
  const account = await scenario.proof();
  return {
    row: runRow(account, duplicatesOf(account), { faults: injected, seconds, seed }),
    faults: countOf(injected),
    samples,
  };
}

function fail(): never {
  throw new Error('No fault has this index.');
}

function countOf(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds.toSorted()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function behind(scenario: Scenario): number {
  return scenario.publisher.ok.size - scenario.handled().size;
}

async function injectorsOf(
  scenario: Scenario,
  server: TestServer,
  random: () => number,
): Promise<readonly (readonly [string, () => Promise<void>])[]> {
  let other = await scenario.worker();
  return [
    [
      'server killed',
      async () => {
        await scenario.serverMayForget(() => server.kill());
        await server.restart();
      },
    ],
    [
      'worker killed',
      async () => {
        await other.kill();
        other = await scenario.worker();
      },
    ],
    [
      'consumer deleted',
      async () => {
        await scenario.serverMayForget(() => scenario.observer.manager.consumers.delete('ORDERS', 'orders'));
      },
    ],
    [
      'server frozen',
      async () => {
        process.kill(server.pid, 'SIGSTOP');
        await delay(random() * LONGEST_FREEZE_MS);
        process.kill(server.pid, 'SIGCONT');
      },
    ],
    [
      'worker replaced',
      async () => {
        const left = other;
        other = await scenario.worker();
        await left.terminate();
      },
    ],
  ];
}

/**
 * Takes samples until no count is above the first one. A request may briefly add a timer, but a
 * leak remains.
 */
async function settledSample(take: () => Promise<SoakSample>, first: SoakSample | undefined): Promise<SoakSample> {
  let last = await take();
  for (let tries = 1; tries < MOST_LAST_SAMPLES && grown(first, last).length > 0; tries++) last = await take();
  return last;
}

/** Takes a sample when nothing is in flight. */
async function sample(scenario: Scenario, observed: WorkerProcess, { monitorUrl }: TestServer): Promise<SoakSample> {
  await scenario.drained({ withinMs: LIMIT_MS });
  const answer = await fetch(`${monitorUrl}/connz?subs=1`);
  const { connections } = (await answer.json()) as { connections: { name?: string; subscriptions: number }[] };
  const ofWorkers = connections.filter(({ name }) => name === 'shop');
  return {
    handled: scenario.handled().size,
    ...(await observed.usage()),
    subscriptions: ofWorkers.reduce((sum, { subscriptions }) => sum + subscriptions, 0),
  };
}
