import { eventually } from '../support/eventually';
import { startProxy, type NatsProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { duplicatesOf, startScenario, type Scenario } from './harness';

const DETECTED_WITHIN_MS = 60_000;

const isAck = ({ payload }: { payload: string }): boolean => payload.startsWith('+ACK');
const isPubAck = ({ payload }: { payload: string }): boolean => payload.startsWith('{"stream":"ORDERS"');

let url: string;
let proxy: NatsProxy;
beforeEach(async () => {
  ({ url } = await startTestServer());
  proxy = await startProxy(url);
});

async function isDown(worker: Awaited<ReturnType<Scenario['worker']>>): Promise<boolean> {
  return (await worker.health()).status === 'down';
}

// Short pings are sent every 200 ms.
it.each([
  ['default pings', {}, '30s'],
  ['short pings', { pingInterval: 200, maxPingOut: 2 }, '2s'],
] as const)(
  '6: network - half-open connection with %s - detected within 60 s, and reconnected',
  async (_, connectionOptions, ackWait) => {
    const options = { transport: { connectionOptions }, consumer: { ackWait } };
    const scenario = await startScenario({ servers: url, workersVia: proxy.url, ...options });
    const worker = await scenario.worker();
    proxy.freezeOpenConnections();
    await scenario.publish(10);
    await eventually('detected', async () => isDown(worker), { withinMs: DETECTED_WITHIN_MS });
    await scenario.drained();
    const { handled } = await scenario.proof();
    expect(handled.size).toBe(10);
  },
);

describe('20: network - acknowledgement lost', () => {
  it.each(['single', 'double'] as const)(
    'and connection cut with ackMode %s - every order is handled, and nothing crashes',
    async (ackMode) => {
      const consumer = { ackMode, ackWait: '1s' } as const;
      const scenario = await startScenario({ servers: url, workersVia: proxy.url, consumer });
      await scenario.worker();
      const lost = proxy.loseOne('toServer', isAck);
      await scenario.publish(1);
      await lost;
      proxy.cut();
      await scenario.publish(10);
      await scenario.drained();
      const { handled } = await scenario.proof();
      expect(handled.size).toBe(11);
    },
  );

  it('with ackMode double - the confirmation is requested again, and the order is not redelivered', async () => {
    const consumer = { ackMode: 'double', ackWait: '10m' } as const;
    const scenario = await startScenario({ servers: url, workersVia: proxy.url, consumer });
    await scenario.worker();
    const lost = proxy.loseOne('toServer', isAck);
    await scenario.publish(1);
    await lost;
    await scenario.drained();
    const { runs } = await scenario.proof();
    expect(runs.map(({ what, delivery }) => [what, delivery])).toEqual([
      ['began', 1],
      ['succeeded', 1],
    ]);
  });
});

it('22: network - PubAcks lost - published again with the same id, stored once, and the publisher gets the PubAck', async () => {
  const scenario = await startScenario({ servers: url, publisherVia: proxy.url });
  await scenario.worker();
  const lost = Promise.all([1, 2, 3].map(() => proxy.loseOne('toClient', isPubAck)));
  await scenario.publish(20);
  await lost;
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.ok.size).toBe(20);
  expect(account.stored.size).toBe(20);
  expect(scenario.publisher.duplicates.size).toBe(3);
  expect(duplicatesOf(account)).toEqual({ redelivered: 0, forgotten: 0 });
});

// Scaled: a window of 500 ms instead of 2 min, so that the second attempt after 1 s is too late.
it('23: network - PubAck lost for longer than the duplicate window - stored twice, as documented', async () => {
  const scenario = await startScenario({ servers: url, publisherVia: proxy.url, stream: { duplicateWindow: 500 } });
  await scenario.worker();
  const lost = proxy.loseOne('toClient', isPubAck);
  await scenario.publish(1);
  await lost;
  await scenario.drained();
  const { ok, stored } = await scenario.proof({ except: { storedTwice: [1] } });
  expect([...ok]).toEqual([1]);
  expect(stored.get(1)).toEqual([1, 2]);
});
