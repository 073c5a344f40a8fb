import { createServer } from 'node:net';
import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { startScenario, type Scenario } from './harness';

const TYPED_ERRORS = expect.objectContaining({ code: 'PUBLISH_TIMEOUT' });
/** nats.js stops reconnecting after ten attempts by default. */
const ATTEMPTS_OF_BOTH = 2 * 11;
const PUBLISH_LIMIT_MS = 3 * 1_000;
/** Extra time for a loaded machine. */
const TOLERANCE_MS = 30_000;

async function publishWithoutAnswer(scenario: Scenario): Promise<void> {
  const began = performance.now();
  await scenario.publish(20);
  expect(performance.now() - began).toBeLessThan(PUBLISH_LIMIT_MS + TOLERANCE_MS);
  expect([...scenario.publisher.unknown.values()]).toEqual(Array.from({ length: 20 }, () => TYPED_ERRORS));
}

it('1: server - killed twice under 10,000 messages - no acknowledged event is lost, and consumers continue', async () => {
  const server = await startTestServer();
  const scenario = await startScenario({ servers: server.url });
  await scenario.worker();
  const publishing = scenario.publish(10_000);
  for (const share of [3_000, 6_000]) {
    await eventually(`${share} handled`, () => scenario.handled().size > share);
    await scenario.serverMayForget(async () => {
      // Acknowledgements are lost until the server is back.
      await server.kill();
      await server.restart();
    });
  }
  await publishing;
  await scenario.drained();
  const { ok } = await scenario.proof();
  expect(ok.size).toBeGreaterThan(9_000);
});

it('2: server - frozen until health is down - health recovers, and handling continues', async () => {
  const server = await startTestServer();
  const scenario = await startScenario({ servers: server.url });
  const worker = await scenario.worker();
  await scenario.publish(100);
  await scenario.drained();
  expect((await worker.health()).status).toBe('up');
  process.kill(server.pid, 'SIGSTOP');
  await eventually('down', async () => (await worker.health()).status === 'down');
  await publishWithoutAnswer(scenario);
  process.kill(server.pid, 'SIGCONT');
  await eventually('up', async () => (await worker.health()).status === 'up');
  await scenario.publish(100);
  await scenario.drained();
  const { ok } = await scenario.proof();
  expect(ok.size).toBe(200);
});

it('3: server - down for more than ten reconnect attempts - publishing fails with a typed error in time, then everything continues', async () => {
  const server = await startTestServer();
  const scenario = await startScenario({ servers: server.url });
  const worker = await scenario.worker();
  await scenario.publish(100);
  await scenario.drained();
  await server.stop();
  let attempts = 0;
  const absent = createServer((socket) => {
    attempts++;
    socket.destroy();
  }).listen(Number(new URL(server.url).port), '127.0.0.1');
  try {
    await publishWithoutAnswer(scenario);
    await eventually('more attempts than nats.js makes', () => attempts > ATTEMPTS_OF_BOTH);
    expect((await worker.health()).status).toBe('down');
  } finally {
    await new Promise((closed) => absent.close(closed));
  }
  await server.restart();
  await scenario.publish(100);
  await scenario.drained();
  const { ok } = await scenario.proof();
  expect(ok.size).toBe(200);
});
