import { Controller, type INestApplicationContext } from '@nestjs/common';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { Ledger } from '../support/ledger';
import { startTestCluster, type TestCluster } from '../support/nats-cluster';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, type OrderCreatedEvent } from '../support/orders';

const DURABLE = 'order-created';
/** nats.js alone pulls again after 30 s. Leaves time for a loaded machine. */
const RECOVERY_MS = 15_000;
/** A cluster sometimes takes 8 s to elect a leader, and longer on a loaded machine. */
const PUBLISH_ATTEMPT_MS = 20_000;

const KINDS: [string, JetStreamConsumerOptions][] = [
  ['pull', { durable: DURABLE, ackWait: '2s' }],
  ['push', { durable: DURABLE, ackWait: '2s', deliverGroup: 'shop' }],
  ['ordered', { orderedConsumer: true }],
];

let cluster: TestCluster;
let jetStream: JetStreamProbe;
let ledger: Ledger;
beforeAll(async () => {
  cluster = await startTestCluster();
});
beforeEach(async () => {
  await cluster.restore();
  jetStream = await probe([...cluster.urls], { timeoutMs: 500 });
  // A new leader may not answer at once.
  await eventually('an empty stream', createStream);
});

async function createStream(): Promise<boolean> {
  try {
    const names = await jetStream.manager.streams.names().next();
    if (names.includes('ORDERS')) await jetStream.manager.streams.delete('ORDERS');
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], num_replicas: 3 });
    return true;
  } catch {
    return false;
  }
}

async function streamIsCurrent(): Promise<boolean> {
  const info = await jetStream.manager.streams.info('ORDERS').catch(() => undefined);
  return info?.cluster?.leader !== undefined && info.cluster.replicas?.every(({ current }) => current) === true;
}

function start(options: JetStreamConsumerOptions): Promise<INestApplicationContext> {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, options)
    handle({ id }: OrderCreatedEvent): void {
      ledger.handled.push(id);
    }
  }
  return startTestApp('', {
    controllers: [OrderCreatedConsumer],
    connectionOptions: { servers: [...cluster.urls], reconnectTimeWait: 50 },
    jetStreamPublishOptions: { timeout: PUBLISH_ATTEMPT_MS },
  });
}

async function isLed(consumer: string | undefined): Promise<boolean> {
  try {
    const { manager } = jetStream;
    const { cluster: stream } = await manager.streams.info('ORDERS');
    // Only the leader of the cluster can recreate an ordered consumer.
    if (consumer === undefined) return stream?.leader !== undefined && (await manager.getAccountInfo()) !== undefined;
    return stream?.leader !== undefined && (await leaderOf(consumer)) !== undefined;
  } catch {
    return false;
  }
}

async function leaderOf(consumer: string): Promise<string | undefined> {
  return (await jetStream.manager.consumers.info('ORDERS', consumer)).cluster?.leader;
}

async function stepDown(consumer: string): Promise<void> {
  await jetStream.connection.request(`$JS.API.CONSUMER.LEADER.STEPDOWN.ORDERS.${consumer}`);
}

/** Faults of the cluster. `node` is the node that the application is connected to. */
const FAULTS: [string, (consumer: string, node: string | undefined) => Promise<void>][] = [
  [
    'the leader of its stream was killed',
    async () => {
      const { cluster: found } = await jetStream.manager.streams.info('ORDERS');
      await cluster.kill(found?.leader ?? '');
    },
  ],
  [
    'the leader of its stream stepped down',
    async () => {
      await jetStream.connection.request('$JS.API.STREAM.LEADER.STEPDOWN.ORDERS');
    },
  ],
  [
    'its own leader was killed, while connected to another node',
    async (consumer, node) => {
      let leader: string | undefined;
      await eventually('a leader elsewhere', async () => {
        leader = await leaderOf(consumer).catch(() => undefined);
        if (leader === node) await stepDown(consumer);
        return leader !== undefined && leader !== node;
      });
      await cluster.kill(leader ?? '');
    },
  ],
  ['its own leader stepped down', stepDown],
];

/**
 * An ordered consumer has one replica. It cannot move to another leader, and is lost with its node.
 */
const FAULTS_OF_ORDERED: typeof FAULTS = [
  ...FAULTS.filter(([fault]) => !fault.startsWith('its own')),
  [
    'its node was killed, while connected to another node',
    async (_consumer, node) => {
      let keeper: string | undefined;
      await eventually('it is on another node', async () => {
        const [ordered] = await jetStream.manager.consumers.list('ORDERS').next();
        keeper = ordered?.cluster?.leader;
        if (ordered && keeper === node) await jetStream.manager.consumers.delete('ORDERS', ordered.name);
        return keeper !== undefined && keeper !== node;
      });
      await cluster.kill(keeper ?? '');
    },
  ],
];

const CASES = KINDS.flatMap(([kind, options]) =>
  (kind === 'ordered' ? FAULTS_OF_ORDERED : FAULTS).map(([fault, inject]) => [kind, fault, options, inject] as const),
);

it.each(CASES)(
  '10: cluster - a %s consumer, and %s - it continues within 15 s, and nothing is lost',
  async (kind, _fault, options, inject) => {
    const app = await start(options);
    ledger = new Ledger(app.get(NatsJetStreamClientProxy));
    await eventually('replicas are current', streamIsCurrent);
    const before = await ledger.publish(50);
    await eventually('handled', () => ledger.hasHandled(before));
    const publishing = ledger.publish(100);
    const { info } = app.get(NatsJetStreamServer).unwrap();
    await inject(DURABLE, info?.server_name);
    const consumer = kind === 'ordered' ? undefined : DURABLE;
    await eventually('leaders answer', async () => isLed(consumer));
    const answeredAt = performance.now();
    const after = await ledger.publish(1);
    await eventually('handled again', () => ledger.hasHandled(after));
    expect(performance.now() - answeredAt).toBeLessThan(RECOVERY_MS);
    await publishing;
    expect([...ledger.unknown]).toEqual([]);
    await eventually('handled', () => ledger.hasHandled([...ledger.stored]));
    if (consumer) await eventually('settled', async () => isSettled(jetStream, 'ORDERS', consumer));
  },
);
