import { startTestServer } from '../support/nats-server';
import { DURABLE, STREAM, startScenario } from './harness';

const BOOTS = 5;

// Scaled: an ackWait of 1 s, so that messages of one boot are redelivered to the next.
it('dead-letters nothing while onModuleInit fails five times, then handles all 100 waiting orders', async () => {
  const { url } = await startTestServer();
  const scenario = await startScenario({ servers: url, consumer: { ackWait: '1s' } });
  await scenario.publish(100);
  for (let boot = 0; boot < BOOTS; boot++) {
    const failing = scenario.spawn({ failsBoot: true, bootMs: 1_500 });
    failing.expectedEnds.add(1);
    await failing.ended;
  }
  const { delivered } = await scenario.observer.manager.consumers.info(STREAM, DURABLE);
  expect(delivered.consumer_seq).toBe(0);
  await scenario.worker();
  await scenario.drained();
  const { handled, dead } = await scenario.proof();
  expect(dead.size).toBe(0);
  expect(handled.size).toBe(100);
});
