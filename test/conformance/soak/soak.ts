import { eventually } from '../../support/eventually';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { duplicatesOf, startScenario, type Scenario, type WorkerProcess } from '../harness';
import { runRow, type SoakReport, type SoakSample } from './soak-report';

export interface SoakPlan {
  readonly messages: number;
  /** Faults, evenly over the run, of each kind in turn. */
  readonly faults: number;
}

/** What a process had used before it was warm says nothing of a leak. */
const WARM = 0.1;
const SMALLEST_STEP = 2_000;
const STEPS = 100;
const LIMIT_MS = 10 * 60_000;

/**
 * Publishes and handles, while the server is killed, a worker is killed, and the consumer is deleted, again and again. One worker,
 * the witness, lives through all of it: its heap, timers, sockets, listeners and subscriptions must not grow.
 */
export async function soak({ messages, faults }: SoakPlan): Promise<SoakReport> {
  const server = await startTestServer({ monitor: true });
  const scenario = await startScenario({ servers: server.url, consumer: { ackWait: '5s', maxDeliver: -1 } });
  const witness = await scenario.worker();
  const step = Math.max(SMALLEST_STEP, Math.ceil(messages / STEPS));
  const samples: SoakSample[] = [];
  const strikes = strikesOf(scenario, server);
  const began = performance.now();
  let struck = 0;
  for (let published = 0; published < messages; published += step) {
    const publishing = scenario.publish(Math.min(step, messages - published), { window: 200 });
    if (struck < Math.floor((faults * published) / messages)) await strikes[struck++ % strikes.length]?.();
    await publishing;
    await eventually('it keeps up', () => behind(scenario) < step, { withinMs: LIMIT_MS });
    const share = (published + step) / messages;
    if (share >= WARM + samples.length * WARM) samples.push(await sample(scenario, witness, server));
  }
  await scenario.drained({ withinMs: LIMIT_MS });
  samples.push(await sample(scenario, witness, server));
  const seconds = (performance.now() - began) / 1_000;
  const account = await scenario.proof();
  return { row: runRow(account, duplicatesOf(account), { struck, seconds }), samples };
}

function behind(scenario: Scenario): number {
  return scenario.publisher.ok.size - scenario.handled().size;
}

function strikesOf(scenario: Scenario, server: TestServer): (() => Promise<void>)[] {
  return [
    async () => {
      await scenario.serverMayForget(() => server.kill());
      await server.restart();
    },
    async () => {
      const dying = await scenario.worker();
      await dying.kill();
    },
    async () => {
      await scenario.serverMayForget(() => scenario.observer.manager.consumers.delete('ORDERS', 'orders'));
    },
    async () => {
      process.kill(server.pid, 'SIGSTOP');
      process.kill(server.pid, 'SIGCONT');
      const passing = await scenario.worker();
      await passing.terminate();
    },
  ];
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
