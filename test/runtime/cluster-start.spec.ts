import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { Controller, type LoggerService } from '@nestjs/common';
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  type JetStreamConsumerOptions,
  type StreamSettings,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestCluster, type TestCluster } from '../support/nats-cluster';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, order, type OrderCreatedEvent } from '../support/orders';

const OrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], replicas: 3, events: { ORDER_CREATED } });
const LEADER_WITHIN_MS = 60_000;
const NO_SUITABLE_PEERS = 10_005;
const NO_ANSWER = 0;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
  const { manager } = await probe(cluster.url('node-1'));
  await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], num_replicas: 3 });
});

function handlerOf(options: JetStreamConsumerOptions, handled: number[]) {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, options)
    handle({ id }: OrderCreatedEvent): void {
      handled.push(id);
    }
  }
  return Orders;
}

describe('Application that starts before the cluster has a leader', () => {
  it.each([
    ['server late, service declares the stream', true, 'late'],
    ['server late, service only consumes', false, 'late'],
    ['server running, service declares the stream', true, 'there'],
    ['server running, service only consumes', false, 'there'],
  ] as const)('starts once there is a leader: %s', async (_what, declares, when) => {
    const handled: number[] = [];
    const { logger, lines } = logLines();
    const [first, ...others] = cluster.names;
    await Promise.all(cluster.names.map(async (name) => cluster.kill(name)));
    if (when === 'there') await cluster.restart(first ?? '');
    const app = await startTestApp(cluster.url(first ?? ''), {
      id: `${when}-${declares}`,
      controllers: [handlerOf({ deliverPolicy: 'New' }, handled)],
      streams: declares ? [OrdersStream] : [],
      connectionOptions: { servers: [...cluster.urls], reconnectTimeWait: 50 },
      jetStreamOptions: { timeout: 1_000 },
      logger,
      waitsForStart: false,
    });
    const health = app.get(NatsJetStreamHealth);
    if (when === 'late') await cluster.restart(first ?? '');
    await eventually('the application is connected', () => health.check().connection === 'connected');
    await eventually('the failure is logged', () => lines.some((line) => /unavailable|timeout/i.test(line)));
    expect(health.check().status).toBe('down');
    await Promise.all(others.map(async (name) => cluster.restart(name)));
    await eventually('health is up', () => health.check().status === 'up');
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1), { timeout: LEADER_WITHIN_MS });
    await eventually('everything is handled', () => handled.length === 1);
  });
});

const declare = async (config: Partial<StreamSettings>, logger?: LoggerService): Promise<void> => {
  const app = await startTestApp(cluster.url('node-1'), {
    connectionOptions: { servers: [...cluster.urls] },
    streamConfig: { name: 'MOVED', subjects: ['moved.>'], ...config },
    ...(logger && { logger }),
  });
  await app.close();
};
const onServer = async () => {
  const { manager } = await probe(cluster.url('node-1'));
  return (await manager.streams.info('MOVED')).config;
};

/** Returns the error code for a stream with these tags, or undefined if it can be placed. */
async function declarable({ streams }: JetStreamManager, tags: string[]): Promise<number | undefined> {
  const config = { name: 'PROBE', subjects: ['probe.>'], placement: { cluster: 'test', tags } };
  return streams.add(config).then(
    async () => void (await streams.delete('PROBE')),
    (error: unknown) => (error instanceof JetStreamApiError ? error.code : NO_ANSWER),
  );
}

describe('Stream in a cluster', () => {
  beforeAll(async () => cluster.restore());

  it('gains replicas as declared, and loses them only with allowDataLoss', async () => {
    await declare({ num_replicas: 1 });
    await declare({ num_replicas: 3 });
    expect(await onServer()).toMatchObject({ num_replicas: 3 });
    const refused = await declare({ num_replicas: 1 }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'STREAM_DRIFT' });
    expect(String(refused)).toContain(
      "(num_replicas is 3, declared 1). A change of 'num_replicas' can drop stored messages.",
    );
    expect(await onServer()).toMatchObject({ num_replicas: 3 });
    const { logger, lines } = logLines();
    await declare({ num_replicas: 1, allowDataLoss: ['num_replicas'] }, logger);
    expect(await onServer()).toMatchObject({ num_replicas: 1 });
    expect(lines.join('\n')).toContain('num_replicas 3 → 1');
  });

  it('is created when the server with its placement comes back, without a restart', async () => {
    await cluster.kill('node-3');
    const { manager } = await probe(cluster.url('node-1'));
    const hasNoPlace = async (): Promise<boolean> => (await declarable(manager, ['ssd'])) === NO_SUITABLE_PEERS;
    await eventually('the leader finds no server for the tags', hasNoPlace);
    const declared = declare({ name: 'FAST', subjects: ['fast.>'], placement: { cluster: 'test', tags: ['ssd'] } });
    await cluster.restart('node-3', ['ssd']);
    await declared;
    expect((await manager.streams.info('FAST')).cluster).toMatchObject({ leader: 'node-3' });
  });

  it('moves once with its placement, and fails startup if no server matches', async () => {
    const placed = { name: 'PLACED', subjects: ['placed.>'] };
    await declare(placed);
    const { logger, lines } = logLines();
    await declare({ ...placed, placement: { cluster: 'test', tags: [] } }, logger);
    await declare({ ...placed, placement: { cluster: 'test', tags: [] } }, logger);
    const { manager } = await probe(cluster.url('node-1'));
    const placement = async (): Promise<unknown> => (await manager.streams.info('PLACED')).config.placement;
    expect(await placement()).toMatchObject({ cluster: 'test' });
    expect(lines.filter((line) => line.startsWith("Updated stream 'PLACED': placement not set →"))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith("Updated stream 'PLACED'"))).toHaveLength(1);
    const elsewhere = declare({ ...placed, placement: { cluster: 'elsewhere', tags: [] } });
    const refused: unknown = await elsewhere.catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'STREAM_PROVISIONING' });
    expect(String(refused)).toContain("Stream 'PLACED' could not be created or updated, ");
    expect(await placement()).toMatchObject({ cluster: 'test' });
  });
});
