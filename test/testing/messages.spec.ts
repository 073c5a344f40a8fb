import { Controller } from '@nestjs/common';
import {
  defineStream,
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  TerminateError,
} from '@nest-jetstream/transport';
import { NatsTestServer } from '@nest-jetstream/transport/testing';
import { Gate } from '../support/gate';
import { probe } from '../support/jetstream-probe';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, ORDER_DELETED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

/**
 * Retries an order without a quantity, terminates one without a product, and waits for the gate
 * with the others.
 */
function ordersConsumer(gate?: Gate) {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', retryDelay: [20, '1m'], maxDeliver: 5 })
    async handle({ product, quantity }: OrderCreatedEvent): Promise<void> {
      if (product === '') throw new TerminateError('no product');
      if (quantity === 0) throw new Error('no stock');
      await gate?.opened;
    }
  }
  return Orders;
}

describe('a test server', () => {
  let nats: NatsTestServer;
  beforeAll(async () => {
    nats = await NatsTestServer.start();
  });
  afterEach(async () => nats.purge());
  afterAll(async () => nats.stop());

  const failed = { ...order(7), quantity: 0 };
  const dead = { ...order(8), product: '' };

  it('waits until messages are handled, by subject, pattern, PubAck or message id', async () => {
    await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    const ack = await nats.publish(ORDER_CREATED, order(1), { msgID: 'first' });
    expect(ack).toEqual({ stream: 'ORDERS', seq: 1, duplicate: false });

    await nats.handled(ORDER_CREATED);
    await nats.handled('order.*');
    await nats.handled(ack);
    await nats.handled({ msgID: 'first' });
    expect(await nats.pending(ORDER_CREATED)).toBe(0);
  });

  it('waits for count messages, including those of the application', async () => {
    const app = await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    const publishing = [1, 2, 3].map(async (id) =>
      app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(id)),
    );
    await nats.handled(ORDER_CREATED, { count: 3 });
    expect(await Promise.all(publishing)).toHaveLength(3);
  });

  it('rejects with NOT_HANDLED while a handler still runs', async () => {
    const gate = new Gate();
    await startTestApp(nats.url, { controllers: [ordersConsumer(gate)], streams: [OrdersStream] });
    const { seq } = await nats.publish(ORDER_CREATED, order(1));

    const waiting = nats.handled(ORDER_CREATED, { timeout: 200 });
    await expect(waiting).rejects.toMatchObject({ code: 'NOT_HANDLED', value: 'order.created' });
    await expect(waiting).rejects.toThrow(
      `Expected 1 handled message of 'order.created' within 200 ms. Found:\n` +
        `  sequence ${seq} of stream 'ORDERS': waits for consumer 'orders' or its handler`,
    );
    expect(await nats.pending(ORDER_CREATED)).toBe(1);
    gate.open();
    await nats.handled(ORDER_CREATED);
    expect(await nats.pending(ORDER_CREATED)).toBe(0);
  });

  it('distinguishes a handled message from an earlier one that waits for its retry', async () => {
    await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    const first = await nats.publish(ORDER_CREATED, failed);
    const second = await nats.publish(ORDER_CREATED, order(2));

    await nats.handled(second);
    await expect(nats.handled(first, { timeout: 200 })).rejects.toThrow(
      /: failed at consumer 'orders', \d (delivery|deliveries) so far, redelivered after retryDelay$/,
    );
    expect(await nats.pending('order.>')).toBe(1);
  });

  it('rejects with UNEXPECTED_DEAD_LETTER when a message is dead-lettered', async () => {
    await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    const { seq } = await nats.publish(ORDER_CREATED, dead);
    await nats.publish(ORDER_CREATED, order(2));

    const waiting = nats.handled(ORDER_CREATED, { count: 2 });
    await expect(waiting).rejects.toMatchObject({ code: 'UNEXPECTED_DEAD_LETTER' });
    await expect(waiting).rejects.toThrow(
      `'order.created': sequence ${seq} of stream 'ORDERS': terminated by consumer 'orders' after 1 delivery ` +
        '(TerminateError: no product). If the test expects that, wait with deadLettered() instead.',
    );
  });

  it('returns dead letters, which are neither handled nor pending', async () => {
    await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    const headers = { tenant: 'acme' };
    const ack = await nats.publish(ORDER_CREATED, dead, { msgID: 'dead-1', headers });
    await nats.publish(ORDER_CREATED, order(2));

    const [letter] = await nats.deadLettered(ORDER_CREATED);
    expect(letter).toMatchObject({
      stream: 'ORDERS',
      consumer: 'orders',
      subject: 'order.created',
      sequence: ack.seq,
      deliveries: 1,
      reason: 'TerminateError: no product',
      msgID: 'dead-1',
    });
    expect(letter!.headers.get('tenant')).toBe('acme');
    const event: OrderCreatedEvent = await letter!.event();
    expect(event).toEqual(dead);
    expect(await nats.deadLettered(ack)).toHaveLength(1);
    expect(await nats.deadLettered({ msgID: 'dead-1' })).toHaveLength(1);
    expect(await nats.pending(ack)).toBe(0);
  });

  it('returns the dead letter of a redriven message', async () => {
    const app = await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    const { seq } = await nats.publish(ORDER_CREATED, dead);
    await nats.deadLettered(ORDER_CREATED);

    const { seq: again } = await app.get(JetStreamAdmin).redrive('ORDERS', 'orders', seq, { to: 'subject' });
    expect(await nats.deadLettered({ stream: 'ORDERS', seq: again })).toHaveLength(1);
    expect(await nats.deadLettered(ORDER_CREATED)).toHaveLength(1);
  });

  it('reports the found messages when dead letters are missing', async () => {
    await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    const ack = await nats.publish(ORDER_CREATED, order(1));
    await nats.handled(ack);

    const waiting = nats.deadLettered(ORDER_CREATED, { count: 2, timeout: 100 });
    await expect(waiting).rejects.toMatchObject({ code: 'NOT_DEAD_LETTERED' });
    await expect(waiting).rejects.toThrow(
      "Expected 2 dead letters of 'order.created' within 100 ms. Found:\n" +
        `  sequence ${ack.seq} of stream 'ORDERS': handled by consumer 'orders'`,
    );
  });

  it('waits for every consumer of a subject', async () => {
    const gate = new Gate();
    @Controller()
    class Both {
      @JetStreamConsumer('parcel.sent', { durable: 'quick' })
      quick(): void {}
      @JetStreamConsumer('parcel.*', { durable: 'slow' })
      async slow(): Promise<void> {
        await gate.opened;
      }
    }
    const stream = defineStream({ name: 'PARCELS', subjects: ['parcel.>'], events: {} });
    await startTestApp(nats.url, { controllers: [Both], streams: [stream] });
    await nats.publish('parcel.sent', { id: 1 });

    await expect(nats.handled('parcel.sent', { timeout: 200 })).rejects.toThrow("handled by consumer 'quick'");
    gate.open();
    await nats.handled('parcel.sent');
  });

  it('reports a missing stream, message or consumer', async () => {
    const brief = { timeout: 50 };
    await expect(nats.handled('unknown.subject', brief)).rejects.toThrow("No stream stores 'unknown.subject'");
    await expect(nats.publish('unknown.subject', 1)).rejects.toMatchObject({ code: 'NO_STREAM_FOR_SUBJECT' });
    await startTestApp(nats.url, { streams: [OrdersStream] });
    await expect(nats.handled(ORDER_DELETED, brief)).rejects.toThrow(
      "No message of 'order.deleted' is in stream 'ORDERS'. Check that it was published.",
    );
    await nats.publish(ORDER_DELETED, { id: 1 });
    await expect(nats.handled(ORDER_DELETED, brief)).rejects.toThrow('no consumer receives it');
    expect(await nats.pending(ORDER_DELETED)).toBe(1);
  });

  it('counts messages that a work queue has removed', async () => {
    @Controller()
    class Jobs {
      @JetStreamConsumer('job.run', { durable: 'jobs' })
      run({ fails }: { fails: boolean }): void {
        if (fails) throw new TerminateError('broken');
      }
    }
    const stream = defineStream({ name: 'JOBS', subjects: ['job.>'], events: {}, retention: 'workqueue' });
    await startTestApp(nats.url, { controllers: [Jobs], streams: [stream] });
    const ack = await nats.publish('job.run', { fails: false });
    await nats.publish('job.run', { fails: false });
    await nats.handled('job.run', { count: 2 });
    await nats.handled(ack);

    await nats.publish('job.run', { fails: true });
    await expect(nats.handled('job.run', { count: 3 })).rejects.toMatchObject({ code: 'UNEXPECTED_DEAD_LETTER' });
    await nats.purge();
    await expect(nats.handled('job.run', { timeout: 50 })).rejects.toMatchObject({ code: 'NOT_HANDLED' });
  });

  it('purges every stream while the application continues', async () => {
    await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    await nats.publish(ORDER_CREATED, dead);
    await nats.publish(ORDER_CREATED, failed);
    await nats.deadLettered(ORDER_CREATED);

    await nats.purge();

    expect(await nats.pending('>')).toBe(0);
    await expect(nats.deadLettered('>', { timeout: 50 })).rejects.toMatchObject({ code: 'NOT_DEAD_LETTERED' });
    await nats.publish(ORDER_CREATED, order(3));
    await nats.handled(ORDER_CREATED);
  });

  it('treats a recreated stream as a new one', async () => {
    const { manager } = await probe(nats.url);
    const first = await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    await nats.handled(await nats.publish(ORDER_CREATED, order(1)));
    await first.close();
    await manager.streams.delete('ORDERS');

    const gate = new Gate();
    await startTestApp(nats.url, { controllers: [ordersConsumer(gate)], streams: [OrdersStream] });
    const ack = await nats.publish(ORDER_CREATED, order(1));
    expect(ack.seq).toBe(1);
    await expect(nats.handled(ack, { timeout: 50 })).rejects.toMatchObject({ code: 'NOT_HANDLED' });
    gate.open();
    await nats.handled(ack);
  });

  it('sees acknowledgements of other clients with ack policies all and none', async () => {
    const { manager, client } = await probe(nats.url);
    await manager.streams.add({ name: 'FOREIGN', subjects: ['foreign.>'] });
    await manager.consumers.add('FOREIGN', { durable_name: 'all', ack_policy: 'all' });
    await manager.consumers.add('FOREIGN', { durable_name: 'none', ack_policy: 'none', filter_subject: 'foreign.a' });
    for (const id of [1, 2]) await nats.publish('foreign.a', { id });

    const none = await client.consumers.get('FOREIGN', 'none');
    for await (const _ of await none.fetch({ max_messages: 2 }));
    expect(await nats.pending('foreign.a')).toBe(2);
    const all = await client.consumers.get('FOREIGN', 'all');
    for await (const message of await all.fetch({ max_messages: 2 })) if (message.seq === 2) await message.ackAck();
    await nats.handled('foreign.a', { count: 2 });
  });

  it('works with a mocked Date.now', async () => {
    await startTestApp(nats.url, { controllers: [ordersConsumer()], streams: [OrdersStream] });
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
    try {
      await nats.handled(await nats.publish(ORDER_CREATED, order(1)));
      await expect(nats.handled(ORDER_CREATED, { count: 2, timeout: 50 })).rejects.toMatchObject({
        code: 'NOT_HANDLED',
      });
    } finally {
      clock.mockRestore();
    }
  });

  it.each([
    [{ count: 0 }, "Option 'count' cannot be 0"],
    [{ timeout: -1 }, "Option 'timeout' cannot be -1"],
  ])('refuses %p', async (options, message) => {
    await expect(nats.handled(ORDER_CREATED, options)).rejects.toThrow(message);
  });
});

it('uses the serializer and the deserializer of the application', async () => {
  const codec = {
    serialize: (event: unknown) => `!${JSON.stringify(event)}`,
    deserialize: (data: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(data).slice(1)),
  };
  const nats = await NatsTestServer.start({ serializer: codec, deserializer: codec });
  try {
    const app = { controllers: [ordersConsumer()], streams: [OrdersStream], deserializer: codec };
    await startTestApp(nats.url, app);
    await nats.publish(ORDER_CREATED, order(1));
    await nats.handled(ORDER_CREATED);
    const ack = await nats.publish(ORDER_CREATED, { ...order(2), product: '' });
    const [letter] = await nats.deadLettered(ack);
    expect(await letter!.event()).toEqual({ ...order(2), product: '' });
  } finally {
    await nats.stop();
  }
});
