import { eventually } from '../../support/eventually';
import { startProxy } from '../../support/nats-proxy';
import { startTestServer } from '../../support/nats-server';
import { Scenario } from '../harness/scenario';
import { explain, type Findings } from './explain';
import { Fleet } from './fleet';
import { firstDeployment, type Operation } from './operations';

const DRAIN_LIMIT_MS = 3 * 60_000;
const RUNS_BETWEEN = 30;
const BETWEEN_MS = 1_200;

export interface EpisodeResult {
  /** Violations with the timeline of the order. Empty if all checks hold. */
  readonly problems: readonly string[];
  readonly published: number;
  readonly runs: number;
}

/**
 * Performs operations on a service with its own server, drains it, and checks the state of every
 * message.
 */
export async function runEpisode(seed: number, operations: readonly Operation[]): Promise<EpisodeResult> {
  const server = await startTestServer();
  const proxy = await startProxy(server.url);
  const scenario = await Scenario.open({ servers: server.url, workersVia: proxy.url });
  try {
    const fleet = new Fleet(scenario, server, proxy, firstDeployment(seed));
    await fleet.keepUp();
    for (const operation of operations) {
      await fleet.do(operation);
      await fleet.progress(RUNS_BETWEEN, BETWEEN_MS);
      await fleet.keepUp();
    }
    await fleet.deployLast();
    const undrained = await drain(scenario, fleet);
    await scenario.stopWorkers();
    const account = await scenario.account();
    const findings = explain(account, fleet.history, scenario.workers);
    return {
      problems: [...undrained, ...listed(findings)],
      published: account.ok.size + account.unknown.size,
      runs: account.runs.filter(({ what }) => what === 'began').length,
    };
  } finally {
    await scenario.close();
    proxy.end();
    await server.stop();
  }
}

/** Waits until nothing is pending, and replaces workers that were killed by their orders. */
async function drain(scenario: Scenario, fleet: Fleet): Promise<string[]> {
  const isDone = async (): Promise<boolean> => {
    await fleet.keepUp();
    return scenario.isDrained();
  };
  try {
    await eventually('everything is settled', isDone, { withinMs: DRAIN_LIMIT_MS });
    return [];
  } catch (error) {
    const reports = await Promise.all(
      scenario.workers
        .filter(({ endedWith }) => endedWith === undefined)
        .map(async (worker) => `${worker.name}: ${JSON.stringify(await worker.health())}`),
    );
    return [`stuck: ${String(error)} ${reports.join(' ')}`];
  }
}

function listed(findings: Findings): string[] {
  return Object.entries(findings).flatMap(([name, found]: [string, readonly string[]]) =>
    found.map((text) => `${name}: ${text}`),
  );
}
