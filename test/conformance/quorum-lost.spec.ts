import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestCluster } from '../support/nats-cluster';
import { ORDER_CREATED, order } from '../support/orders';

/**
 * Regression: the leader answers the second attempt with "duplicate message id is in process". It
 * was treated as a refusal, although the event is stored when the other nodes are back.
 */
it(
  '10: cluster - leader without a quorum during a publish - the outcome is unknown, not refused, and the event is stored once',
  async () => {
    const cluster = await startTestCluster();
    const setUp = await probe([...cluster.urls]);
    const created = await setUp.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], num_replicas: 3 });
    const leader = created.cluster?.leader ?? '';
    const client = new NatsJetStreamClientProxy({
      connectionOptions: { servers: cluster.url(leader) },
      jetStreamOptions: { timeout: 1_000 },
    });
    try {
      await client.emitAsync(ORDER_CREATED, order(1));
      const others = cluster.names.filter((name) => name !== leader);
      await Promise.all(others.map((name) => cluster.kill(name)));
      const options = { msgID: 'order-2' };
      await expect(client.emitAsync(ORDER_CREATED, order(2), options)).rejects.toMatchObject({
        code: 'PUBLISH_TIMEOUT',
      });
      await Promise.all(others.map((name) => cluster.restart(name)));
      await eventually('stored', () =>
        client.emitAsync(ORDER_CREATED, order(2), options).then(
          () => true,
          () => false,
        ),
      );
      const { state } = await (await probe([...cluster.urls])).manager.streams.info('ORDERS');
      expect(state.messages).toBe(2);
    } finally {
      await client.close();
    }
  },
  5 * 60_000,
);

/**
 * Regression: two unanswered stream lookups were treated as an answer that no stream stores the
 * subject.
 */
it(
  '10: cluster - follower without a quorum during a publish - the outcome is unknown, not a missing stream',
  async () => {
    const cluster = await startTestCluster();
    const setUp = await probe([...cluster.urls]);
    const created = await setUp.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], num_replicas: 3 });
    const follower = cluster.names.find((name) => name !== created.cluster?.leader) ?? '';
    const client = new NatsJetStreamClientProxy({
      connectionOptions: { servers: cluster.url(follower) },
      jetStreamOptions: { timeout: 1_000 },
    });
    try {
      await client.emitAsync(ORDER_CREATED, order(1));
      await Promise.all(cluster.names.filter((name) => name !== follower).map((name) => cluster.kill(name)));
      await expect(client.emitAsync(ORDER_CREATED, order(2))).rejects.toMatchObject({ code: 'PUBLISH_TIMEOUT' });
    } finally {
      await client.close();
    }
  },
  5 * 60_000,
);
