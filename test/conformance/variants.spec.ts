import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/ports';
import { startTestServer, type TestServer } from '../support/nats-server';
import { eventually } from '../support/eventually';
import { startScenario, type Scenario } from './harness';

const folders: string[] = [];
afterAll(async () => {
  await Promise.all(folders.map(async (folder) => rm(folder, { recursive: true, force: true })));
});

async function configFile(text: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-config-'));
  folders.push(folder);
  const file = join(folder, 'nats.conf');
  await writeFile(file, text);
  return ['--config', file];
}

/** Returns the subscriptions of connections with a name. */
async function subscriptionsOf({ monitorUrl }: TestServer, name: string): Promise<string[]> {
  const answer = await fetch(`${monitorUrl}/connz?subs=1`);
  const { connections } = (await answer.json()) as { connections: { name?: string; subscriptions_list?: string[] }[] };
  return connections.flatMap((found) => (found.name === name ? (found.subscriptions_list ?? []) : []));
}

/** Expects successes, retries and dead letters. All of them use ack subjects. */
async function expectEveryOutcome(scenario: Scenario): Promise<void> {
  const failing = await scenario.worker({ behaviour: { does: 'fail', every: 5 }, consumer: { maxDeliver: 2 } });
  await scenario.publish(50);
  await scenario.drained();
  const { handled, dead } = await scenario.proof();
  expect(failing.output).toContain('Retrying in');
  expect(handled.size).toBe(40);
  expect(dead.size).toBe(10);
}

it.each(['v1', 'v2'])('42: server - $JS.ACK subjects of form %s - every outcome is settled', async (form) => {
  const flag = `feature_flags { js_ack_fc_v2: ${form === 'v2'} }\n`;
  const server = await startTestServer({ extraArguments: await configFile(flag) });
  const scenario = await startScenario({ servers: server.url });
  const subjects: string[] = [];
  scenario.observer.connection.subscribe('$JS.ACK.>', { callback: (_, { subject }) => void subjects.push(subject) });
  await expectEveryOutcome(scenario);
  const tokens = new Set(subjects.map((subject) => subject.split('.').length));
  expect([...tokens]).toEqual([form === 'v2' ? 11 : 9]);
});

it('42: server - a custom inboxPrefix - every outcome is settled, and nothing subscribes below _INBOX', async () => {
  const server = await startTestServer({ monitor: true });
  const connectionOptions = { inboxPrefix: 'shop.inbox' };
  const scenario = await startScenario({ servers: server.url, transport: { connectionOptions } });
  await scenario.worker();
  const subjects = await subscriptionsOf(server, 'shop');
  expect(subjects.filter((subject) => subject.startsWith('shop.inbox.'))).not.toEqual([]);
  expect(subjects.filter((subject) => subject.startsWith('_INBOX.'))).toEqual([]);
  await scenario.stopWorkers();
  await expectEveryOutcome(scenario);
});

describe('42: server - behind a leaf node', () => {
  it.each([
    ['domain', { domain: 'hub' }],
    ['apiPrefix', { apiPrefix: '$JS.hub.API' }],
  ])('reached by %s - every outcome is settled', async (_, jetStreamOptions) => {
    const leafPort = await freePort();
    const hubConfig = await configFile(
      `server_name: hub\njetstream { domain: hub }\nleafnodes { listen: "127.0.0.1:${leafPort}" }\n`,
    );
    const hub = await startTestServer({ extraArguments: hubConfig });
    const leaf = await startTestServer({
      jetstream: false,
      monitor: true,
      extraArguments: await configFile(
        `server_name: leaf\nleafnodes { remotes: [ { url: "nats://127.0.0.1:${leafPort}" } ] }\n`,
      ),
    });
    await eventually('joined', async () => {
      const answer = await fetch(`${leaf.monitorUrl}/leafz`);
      return ((await answer.json()) as { leafnodes: number }).leafnodes === 1;
    });
    const scenario = await startScenario({
      servers: hub.url,
      workersVia: leaf.url,
      publisherVia: leaf.url,
      transport: { jetStreamOptions },
    });
    await expectEveryOutcome(scenario);
  });
});
