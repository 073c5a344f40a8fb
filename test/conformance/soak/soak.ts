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
  /** Faults, spread over the run, each of a random kind at a random moment. */
  readonly faults: number;
  /** What chance follows. Default: another one each time; the report has it. */
  readonly seed?: number;
}

/** What a process had used before it was warm says nothing of a leak. */
const WARM = 0.1;
const SMALLEST_STEP = 2_000;
const STEPS = 100;
const LIMIT_MS = 10 * 60_000;
const LONGEST_FREEZE_MS = 500;
const MOST_LAST_SAMPLES = 200;
const SEEDS = 2 ** 31;

/**
 * Publishes and handles, while the server is killed and frozen, workers are killed in their work,
 * and the consumer is deleted, again and again. One worker, the witness, lives through all of it:
 * its heap, timers, sockets, listeners and subscriptions must not grow.
 */
export async function soak({ messages, faults, seed = randomInt(SEEDS) }: SoakPlan): Promise<SoakReport> {
  const server = await startTestServer({ monitor: true });
  const scenario = await startScenario({ servers: server.url, consumer: { ackWait: '5s', maxDeliver: -1 } });
  const witness = await scenario.worker();
  const step = Math.max(SMALLEST_STEP, Math.ceil(messages / STEPS));
  const samples: SoakSample[] = [];
  const random = seededRandom(seed);
  const strikes = await strikesOf(scenario, server, random);
  const struck: string[] = [];
  const began = performance.now();
  for (let published = 0; published < messages; published += step) {
    const count = Math.min(step, messages - published);
    const publishing = scenario.publish(count, { window: 200 });
    if (struck.length < Math.floor((faults * (published + count)) / messages)) {
      const moment = published + Math.floor(random() * count);
      await eventually('the moment of the fault', () => scenario.publisher.settled >= moment, { withinMs: LIMIT_MS });
      const [kind, strike] = strikes[Math.floor(random() * strikes.length)] ?? fail();
      await strike();
      struck.push(kind);
    }
    await publishing;
    await eventually('it keeps up', () => behind(scenario) < step, { withinMs: LIMIT_MS });
    const share = (published + step) / messages;
    if (share >= WARM + samples.length * WARM) samples.push(await sample(scenario, witness, server));
  }
  await scenario.drained({ withinMs: LIMIT_MS });
  const seconds = (performance.now() - began) / 1_000;
  samples.push(await settledSample(() => sample(scenario, witness, server), samples[0]));
  const account = await scenario.proof();
  return { row: runRow(account, duplicatesOf(account), { struck, seconds, seed }), struck: countOf(struck), samples };
}

function fail(): never {
  throw new Error('There is no fault of this number.');
}

function countOf(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds.toSorted()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function behind(scenario: Scenario): number {
  return scenario.publisher.ok.size - scenario.handled().size;
}

async function strikesOf(
  scenario: Scenario,
  server: TestServer,
  random: () => number,
): Promise<readonly (readonly [string, () => Promise<void>])[]> {
  let companion = await scenario.worker();
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
        await companion.kill();
        companion = await scenario.worker();
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
        const left = companion;
        companion = await scenario.worker();
        await left.terminate();
      },
    ],
  ];
}

/**
 * Takes samples until none of the counts is above the first one. A request may add a timer for a
 * moment; a leak stays.
 */
async function settledSample(take: () => Promise<SoakSample>, first: SoakSample | undefined): Promise<SoakSample> {
  let last = await take();
  for (let tries = 1; tries < MOST_LAST_SAMPLES && grown(first, last).length > 0; tries++) last = await take();
  return last;
}

/** When nothing is underway: else it would measure what is. */
async function sample(scenario: Scenario, witness: WorkerProcess, { monitorUrl }: TestServer): Promise<SoakSample> {
  await scenario.drained({ withinMs: LIMIT_MS });
  const answer = await fetch(`${monitorUrl}/connz?subs=1`);
  const { connections } = (await answer.json()) as { connections: { name?: string; subscriptions: number }[] };
  const ofWorkers = connections.filter(({ name }) => name === 'shop');
  return {
    handled: scenario.handled().size,
    ...(await witness.usage()),
    subscriptions: ofWorkers.reduce((sum, { subscriptions }) => sum + subscriptions, 0),
  };
}
