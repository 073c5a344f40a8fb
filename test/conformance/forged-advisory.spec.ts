import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { DURABLE, STREAM, startScenario } from './harness';

const SUBJECT = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${STREAM}.${DURABLE}`;

it('ignores a forged advisory for an order of a work queue that waits for its retry', async () => {
  const { url } = await startTestServer();
  const scenario = await startScenario({
    servers: url,
    stream: { retention: 'workqueue' },
    consumer: { maxDeliver: 2, retryDelay: '3s', ackWait: '5s' },
  });
  await scenario.worker({ behaviour: { does: 'fail', times: 1 } });
  await scenario.publish(1);
  await eventually('it failed', () => scenario.runs().some(({ what }) => what === 'threw'));
  const { connection, manager } = scenario.observer;
  connection.publish(SUBJECT, JSON.stringify({ stream: STREAM, consumer: DURABLE, stream_seq: 1, deliveries: 2 }));
  await connection.flush();
  await scenario.drained();
  const { handled, dead } = await scenario.proof();
  expect([...handled]).toEqual([1]);
  expect(dead.size).toBe(0);
  expect((await manager.streams.info(STREAM)).state.messages).toBe(0);
});
