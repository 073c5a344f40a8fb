import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { setTimeout as delay } from 'node:timers/promises';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_DURABLE, orderHandler, orderIds, publishOrders } from '../support/order-handler';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

const publish = (count: number): Promise<void> => publishOrders(jetStream, ...orderIds(count));

async function deliveries(): Promise<number> {
  return (await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE)).delivered.consumer_seq;
}

describe('maxProcessingTime', () => {
  it('limits only the run of a handler, not the time that a message waits for its turn', async () => {
    const runs: number[] = [];
    const handle = async ({ id }: OrderCreatedEvent): Promise<void> => {
      runs.push(id);
      await delay(300);
    };
    const options = { concurrency: 1, ackWait: '1s', maxProcessingTime: '900ms' } as const;
    await startTestApp(server.url, { controllers: [orderHandler(handle, options)], streams: [OrdersStream] });
    await publish(10);
    await eventually(
      'every message is settled',
      async () => runs.length >= 10 && isSettled(jetStream, 'ORDERS', ORDER_DURABLE),
    );
    expect(runs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await deliveries()).toBe(10);
  });

  it('ignores the delay before a retry of an ordered message', async () => {
    const attempts: number[] = [];
    const handle = (_: OrderCreatedEvent, { deliveryCount }: NatsJetStreamContext): void => {
      attempts.push(deliveryCount);
      if (attempts.length < 3) throw new Error('not yet');
    };
    const options = {
      orderBy: ({ product }: OrderCreatedEvent) => product,
      retryDelay: '700ms',
      ackWait: '1s',
      maxProcessingTime: '800ms',
    } as const;
    await startTestApp(server.url, { controllers: [orderHandler(handle, options)], streams: [OrdersStream] });
    await publish(1);
    await eventually(
      'every message is settled',
      async () => attempts.length >= 3 && isSettled(jetStream, 'ORDERS', ORDER_DURABLE),
    );
    expect(attempts).toEqual([1, 2, 3]);
    expect(await deliveries()).toBe(1);
  });
});

describe('Redelivery of a message in flight', () => {
  it('neither runs in parallel nor counts as an attempt', async () => {
    const attempts: number[] = [];
    const handle = (_: OrderCreatedEvent, { deliveryCount }: NatsJetStreamContext): void => {
      attempts.push(deliveryCount);
      if (attempts.length > 1) return;
      // Blocks the process for longer than ackWait.
      for (const until = performance.now() + 2_500; performance.now() < until;);
      throw new Error('the first run fails');
    };
    const options = { ackWait: '1s', retryDelay: 10, maxDeliver: 3 } as const;
    await startTestApp(server.url, { controllers: [orderHandler(handle, options)], streams: [OrdersStream] });
    await publish(1);
    await eventually(
      'every message is settled',
      async () => attempts.length >= 2 && isSettled(jetStream, 'ORDERS', ORDER_DURABLE),
    );
    expect(attempts).toHaveLength(2);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
  });
});

describe('Failing message of an ordered handler', () => {
  it('has the number of attempts in its context and its dead letter', async () => {
    const attempts: number[] = [];
    const handle = (_: OrderCreatedEvent, { deliveryCount }: NatsJetStreamContext): void => {
      attempts.push(deliveryCount);
      throw new Error('out of stock');
    };
    const options = { orderBy: ({ product }: OrderCreatedEvent) => product, retryDelay: 10, maxDeliver: 4 } as const;
    await startTestApp(server.url, { controllers: [orderHandler(handle, options)], streams: [OrdersStream] });
    await publish(1);
    await eventually(
      'the dead letters are stored',
      async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1,
    );
    expect(attempts).toEqual([1, 2, 3, 4]);
    const [deadLetter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(deadLetter?.header.get('Dead-Letter-Deliveries')).toBe('4');
  });
});

/** Publishes a message and waits until the server has replaced it with a marker. */
const expire = async (): Promise<void> => {
  await publish(1);
  await eventually('a marker is stored', async () => {
    const { state } = await jetStream.manager.streams.info('ORDERS');
    return state.last_seq === 2 && state.messages === 1;
  });
};

describe('Markers of expired messages', () => {
  const HOUR_NANOS = 3_600e9;
  const addStream = async (): Promise<void> => {
    const config = { name: 'ORDERS', subjects: ['order.>'], allow_msg_ttl: true, max_age: 1e9 };
    await jetStream.manager.streams.add({ ...config, subject_delete_marker_ttl: HOUR_NANOS });
  };
  it('are acknowledged without a run of the handler', async () => {
    const runs: OrderCreatedEvent[] = [];
    const controllers = [orderHandler((event) => runs.push(event))];
    await addStream();
    await startTestApp(server.url, { controllers });
    await expire();
    await eventually(
      'every message is settled',
      async () => (await deliveries()) === 2 && isSettled(jetStream, 'ORDERS', ORDER_DURABLE),
    );
    expect(runs).toEqual([order(1)]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
  });
});

describe('Stream recreated while its messages are handled', () => {
  it('loses no new message that has the sequence of one in flight', async () => {
    const gate = new Gate();
    const handled: number[] = [];
    const handle = async ({ id }: OrderCreatedEvent): Promise<void> => {
      if (id < 10) await gate.opened;
      else handled.push(id);
    };
    const app = await startTestApp(server.url, { controllers: [orderHandler(handle)], streams: [OrdersStream] });
    await publish(3);
    await eventually('three messages are delivered', async () => (await deliveries()) === 3);
    await jetStream.manager.streams.delete('ORDERS');
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await publishOrders(jetStream, 11, 12, 13);
    await eventually('the new messages are handled', () => handled.length === 3);
    gate.open();
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', ORDER_DURABLE));
    expect(handled.toSorted((one, other) => one - other)).toEqual([11, 12, 13]);
    expect(app.get(NatsJetStreamHealth).check().status).toBe('up');
  });
});

describe('Application whose bootstrap fails', () => {
  it('receives no message', async () => {
    const runs: number[] = [];
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await publish(5);
    @Injectable()
    class Database implements OnApplicationBootstrap {
      async onApplicationBootstrap(): Promise<void> {
        await eventually(
          'the consumer is bound',
          async () =>
            (await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE).catch(() => undefined)) !== undefined,
        );
        throw new Error('the database is down');
      }
    }
    @Module({ providers: [Database], exports: [Database] })
    class DatabaseModule {}
    @Module({
      imports: [
        NatsJetStreamTransport.register({ id: 'test', connectionOptions: { servers: server.url } }),
        DatabaseModule,
      ],
      controllers: [orderHandler(({ id }) => runs.push(id))],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
    await app.startAllMicroservices();
    await expect(app.init()).rejects.toThrow('the database is down');
    expect((await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE)).num_waiting).toBe(0);
    await app.close();
    expect(runs).toEqual([]);
    expect(await deliveries()).toBe(0);
  });
});

describe('Twenty idle handlers', () => {
  it('request consumer info less than once in two seconds in total', async () => {
    const requestedAt: number[] = [];
    jetStream.connection.subscribe('$JS.API.CONSUMER.*.>', {
      callback: (_, { subject }) => {
        if (!subject.includes('.MSG.NEXT.')) requestedAt.push(performance.now());
      },
    });
    const controllers = Array.from({ length: 20 }, (_, at) => orderHandler(() => undefined, { durable: `idle-${at}` }));
    const app = await startTestApp(server.url, { controllers, streams: [OrdersStream] });
    await eventually('health is up', () => app.get(NatsJetStreamHealth).check().status === 'up');
    requestedAt.length = 0;
    await eventually('four requests were sent', () => requestedAt.length >= 4);
    expect(requestedAt[3]! - requestedAt[0]!).toBeGreaterThan(6_000);
  });
});

describe('Hanging handler of an ordered consumer', () => {
  it('is named in the health report', async () => {
    const gate = new Gate();
    const options = { durable: false, orderedConsumer: true, maxProcessingTime: '200ms' } as const;
    const controllers = [orderHandler(() => gate.opened, options)];
    const app = await startTestApp(server.url, { controllers, streams: [OrdersStream] });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    const health = () => app.get(NatsJetStreamHealth).check();
    await eventually('health is down', () => health().status === 'down');
    expect(health().problems).toEqual([
      'OrderCreatedConsumer.handle is stalled: 1 handlers run longer than maxProcessingTime',
    ]);
    gate.open();
    await eventually('health is up', () => health().status === 'up');
  });
});
