import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { startScenario } from './harness';

it('1: server - killed twice under 10,000 messages - nothing acknowledged is lost, and consumers go on', async () => {
  const server = await startTestServer();
  const scenario = await startScenario({ servers: server.url });
  await scenario.worker();
  const publishing = scenario.publish(10_000);
  for (const share of [3_000, 6_000]) {
    await eventually(`${share} handled`, () => scenario.handled().size > share, { withinMs: 60_000 });
    await server.kill();
    scenario.serverMayForget();
    await server.restart();
  }
  await publishing;
  await scenario.drained();
  const { ok } = await scenario.proof();
  expect(ok.size).toBeGreaterThan(9_000);
});
