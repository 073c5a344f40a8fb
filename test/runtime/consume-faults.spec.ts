import { defineStream, NatsJetStreamHealth, TerminateError } from '@nest-jetstream/transport';
import { AckPolicy, RetentionPolicy } from '@nats-io/jetstream';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_DURABLE, orderHandler, orderIds, publishOrders } from '../support/order-handler';
import { OrdersStream, type OrderCreatedEvent } from '../support/orders';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

const publish = (...ids: number[]): Promise<void> => publishOrders(jetStream, ...ids);

/** Blocks the process, so that no deadline is extended. */
function blockFor(millis: number): void {
  for (const until = performance.now() + millis; performance.now() < until;);
}

describe('Concurrency', () => {
  it('starts the next message in a free slot while other handlers run', async () => {
    const gate = new Gate();
    const runs: number[] = [];
    const handle = async ({ id }: OrderCreatedEvent): Promise<void> => {
      runs.push(id);
      if (id <= 7) await gate.opened;
    };
    const options = { concurrency: 8, prefetch: 8 };
    const app = await startTestApp(server.url, {
      controllers: [orderHandler(handle, options)],
      streams: [OrdersStream],
    });
    await publish(...orderIds(8));
    await eventually('all slots were used', () => runs.length === 8);
    await publish(9, 10);
    await eventually('the free slot is used again', () => runs.length === 10).finally(() => gate.open());
    await app.close();
  });
});

describe('Final attempt', () => {
  it('runs after a shutdown during its announcement', async () => {
    const proxy = await startProxy(server.url);
    const runs = new Map<number, number>();
    const handle = ({ id }: OrderCreatedEvent): void => {
      runs.set(id, (runs.get(id) ?? 0) + 1);
      throw new Error('out of stock');
    };
    const options = { concurrency: 20, maxDeliver: 2, retryDelay: 200 };
    const controllers = [orderHandler(handle, options)];
    const first = await startTestApp(proxy.url, { controllers, streams: [OrdersStream] });
    const announced = proxy.holdOne('toServer', ({ line }) => line.includes(' jetstream-attempts.'));
    await publish(...orderIds(20));
    await announced.held;
    await eventually('every message was delivered twice', async () => {
      const { delivered } = await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE);
      return delivered.consumer_seq === 40;
    });
    const closed = first.close();
    announced.pass();
    await closed;

    await startTestApp(server.url, { controllers, streams: [OrdersStream] });
    await eventually('all are dead-lettered', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 20);
    expect([...runs.values()]).toEqual(orderIds(20).map(() => 2));
  });

  it('runs after the attempts could not be read for longer than maxProcessingTime', async () => {
    let runs = 0;
    const handle = (): void => {
      runs++;
      throw new Error('out of stock');
    };
    const options = { ackWait: '1s', maxProcessingTime: '1s', maxDeliver: 2, retryDelay: 100 } as const;
    const controllers = [orderHandler(handle, options)];
    const app = await startTestApp(server.url, { controllers, streams: [OrdersStream] });
    await app.close();
    const second = await startTestApp(server.url, { controllers, streams: [OrdersStream], provisioning: 'verify' });
    const { config } = await jetStream.manager.streams.info('JETSTREAM_ATTEMPTS');
    await jetStream.manager.streams.delete('JETSTREAM_ATTEMPTS');
    await publish(1);
    const health = second.get(NatsJetStreamHealth);
    await eventually('the consumer waits for the attempts', () =>
      /attempts could not be read/.test(JSON.stringify(health.check())),
    );
    const acks = jetStream.connection.subscribe('$JS.ACK.ORDERS.order-created.>');
    await eventually('the wait was extended beyond maxProcessingTime', () => acks.getReceived() > 8);
    const { delivered } = await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE);
    expect(delivered.consumer_seq).toBe(2);
    await jetStream.manager.streams.add(config);
    await eventually(
      'the dead letters are stored',
      async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1,
    );
    expect(runs).toBe(2);
  });
});

describe('Waiting message', () => {
  it('is not dead-lettered after two deliveries that did not run', async () => {
    const gate = new Gate();
    const runs: number[] = [];
    const handle = async ({ id }: OrderCreatedEvent): Promise<void> => {
      runs.push(id);
      if (id !== 1) return;
      blockFor(2_500);
      await gate.opened;
    };
    const options = { concurrency: 1, ackWait: '1s', maxDeliver: 1 } as const;
    const controllers = [orderHandler(handle, options)];
    await startTestApp(server.url, { controllers: [], streams: [OrdersStream] });
    await publish(1, 2);
    const first = await startTestApp(server.url, { controllers });
    await eventually('both were delivered twice', async () => {
      const { delivered } = await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE);
      return delivered.consumer_seq >= 4;
    });
    const closed = first.close();
    await eventually('the waiting message is handed back', async () => {
      const { state } = await jetStream.manager.streams.info('JETSTREAM_ATTEMPTS');
      return state.messages === 1;
    });
    gate.open();
    await closed;
    await startTestApp(server.url, { controllers });
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', ORDER_DURABLE));
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    expect(runs).toEqual([1, 2]);
  });
});

describe('Deleted durable', () => {
  it('receives every message of an interest stream that another consumer kept', async () => {
    const stream = defineStream({ name: 'ORDERS', subjects: ['order.>'], retention: RetentionPolicy.Interest });
    const gate = new Gate();
    const runs: number[] = [];
    const handle = async ({ id }: OrderCreatedEvent): Promise<void> => {
      runs.push(id);
      if (id === 1) await gate.opened;
    };
    const options = { concurrency: 1, prefetch: 1, deliverPolicy: 'new' } as const;
    await startTestApp(server.url, { controllers: [orderHandler(handle, options)], streams: [stream] });
    await jetStream.manager.consumers.add('ORDERS', { durable_name: 'other', ack_policy: AckPolicy.Explicit });
    await publish(1, 2, 3);
    await eventually('the first message runs', () => runs.length === 1);
    await jetStream.manager.consumers.delete('ORDERS', ORDER_DURABLE);
    gate.open();
    await eventually('the durable is recreated', async () =>
      jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE).then(
        () => true,
        () => false,
      ),
    );
    await publish(4);
    await eventually('the last message runs', () => runs.includes(4));
    expect(runs).toEqual([1, 2, 3, 4]);
  });
});

describe('Durable of another kind', () => {
  it.each([
    ['pull', {}, { deliver_subject: 'pushed.orders', deliver_group: 'orders' }],
    ['push', { deliverGroup: 'orders' }, {}],
  ])('is reported when it replaces a %s consumer, until the durable is recreated', async (_kind, options, config) => {
    const runs: number[] = [];
    const app = await startTestApp(server.url, {
      controllers: [orderHandler(({ id }) => runs.push(id), options)],
      streams: [OrdersStream],
    });
    const { consumers } = jetStream.manager;
    // The application recreates a deleted durable at once.
    await eventually('the durable is replaced', async () => {
      await consumers.delete('ORDERS', ORDER_DURABLE);
      const added = consumers.add('ORDERS', {
        durable_name: ORDER_DURABLE,
        ack_policy: AckPolicy.Explicit,
        ...config,
      });
      return added.then(
        () => true,
        () => false,
      );
    });
    const health = app.get(NatsJetStreamHealth);
    await eventually('the mismatch is reported', () =>
      /recovering: .*deliver_subject/.test(JSON.stringify(health.check())),
    );
    await jetStream.manager.consumers.delete('ORDERS', ORDER_DURABLE);
    await publish(1);
    await eventually('the recreated durable handles the event', () => runs.length === 1);
  });
});

describe('Terminated message', () => {
  it('does not run again if its termination is lost', async () => {
    const proxy = await startProxy(server.url);
    const runs: number[] = [];
    const handle = ({ id }: OrderCreatedEvent): void => {
      runs.push(id);
      if (runs.length === 1) throw new TerminateError('no such product');
    };
    await startTestApp(server.url, { streams: [OrdersStream] });
    await startTestApp(proxy.url, { controllers: [orderHandler(handle, { ackWait: '1s' })] });
    const lost = proxy.loseOne('toServer', ({ bytes }) => bytes.includes('+TERM'));
    await publish(1);
    await lost;
    // Another instance takes a message, so that the position alone does not prove the settlement.
    const taken = jetStream.client.consumers.get('ORDERS', ORDER_DURABLE).then(async (other) => other.next());
    for (let id = 2; !(await Promise.race([taken, publish(id).then(() => undefined)])); id++);
    (await taken)?.ack();
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', ORDER_DURABLE));
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(1);
    expect(runs.filter((id) => id === 1)).toEqual([1]);
  });
});
