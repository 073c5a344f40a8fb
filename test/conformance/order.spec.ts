import { startTestServer } from '../support/nats-server';
import { disorders, startScenario } from './harness';

const KEYS = 16;

let url: string;
beforeEach(async () => {
  ({ url } = await startTestServer());
});

it('37: order - sixteen keys of a thousand orders, some fail at first - each key stays in order, also through retries', async () => {
  const scenario = await startScenario({ servers: url, consumer: { concurrency: KEYS, retryDelay: [20] } });
  await scenario.worker({ orderByProduct: true, behaviour: { does: 'fail', times: 1, every: 97 } });
  await scenario.publish(KEYS * 1_000, { product: (id) => `product-${id % KEYS}` });
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.handled.size).toBe(KEYS * 1_000);
  expect(disorders(account)).toEqual([]);
});

it('37: order - one key, one at a time, with retries - all stay in order', async () => {
  const scenario = await startScenario({ servers: url, consumer: { concurrency: 1, retryDelay: [20] } });
  await scenario.worker({ orderByProduct: true, behaviour: { does: 'fail', times: 1, every: 10 } });
  await scenario.publish(200, { window: 1 });
  await scenario.drained();
  const account = await scenario.proof();
  expect(disorders(account)).toEqual([]);
});

it('37: order - no key, one at a time, without failures - all stay in order', async () => {
  const scenario = await startScenario({ servers: url, consumer: { concurrency: 1 } });
  await scenario.worker();
  await scenario.publish(1_000);
  await scenario.drained();
  const account = await scenario.proof();
  expect(disorders(account)).toEqual([]);
});
