import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamHealth } from '@nest-jetstream/transport';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { isSettled, probe } from '../support/jetstream-probe';
import { startTestCluster } from '../support/nats-cluster';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, order } from '../support/orders';

const OWN_STREAMS = ['ORDERS_DEAD', 'JETSTREAM_ATTEMPTS'];

it('gives the dead-letter and attempt streams the replicas of their stream, and stores dead letters while a node is away', async () => {
  const cluster = await startTestCluster();
  const [first = '', second = '', third = ''] = cluster.names;
  const jetStream = await probe([cluster.url(first), cluster.url(second)], { timeoutMs: 10_000 });
  const { manager } = jetStream;
  const runs: number[] = [];

  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, {
      durable: 'orders',
      maxDeliver: 2,
      retryDelay: [10],
      ackWait: '1s',
      maxProcessingTime: 500,
    })
    async handle({ id }: { id: number }): Promise<void> {
      runs.push(id);
      await new Promise(() => undefined);
    }
  }
  const options = (replicas: number): TestAppOptions => ({
    controllers: [Orders],
    streamConfig: { name: 'ORDERS', subjects: ['order.>'], num_replicas: replicas },
    connectionOptions: { servers: [cluster.url(first), cluster.url(second)] },
    gracePeriod: 1,
  });
  const replicas = async (): Promise<number[]> =>
    Promise.all(OWN_STREAMS.map(async (stream) => (await manager.streams.info(stream)).config.num_replicas));

  await (await startTestApp('', options(1))).close();
  expect(await replicas()).toEqual([1, 1]);
  const app = await startTestApp('', options(3));
  expect(await replicas()).toEqual([3, 3]);
  await eventually('all replicas are current', async () => {
    const infos = await Promise.all([
      ...['ORDERS', ...OWN_STREAMS].map(async (stream) => manager.streams.info(stream)),
      manager.consumers.info('ORDERS', 'orders'),
    ]);
    return infos.every(
      ({ cluster: state }) => state?.replicas?.length === 2 && state.replicas.every(({ current }) => current),
    );
  });
  await cluster.kill(third);
  await eventually('the event is stored', async () =>
    jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(1))).then(
      () => true,
      () => false,
    ),
  );
  await eventually('the dead letter is stored', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
  await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'orders').catch(() => false));
  expect(runs).toEqual([1, 1]);
  expect(
    app
      .get(NatsJetStreamHealth)
      .check()
      .problems.filter((line) => line.includes('dead letter')),
  ).toEqual([]);
});
