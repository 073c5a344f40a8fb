import { setImmediate } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload, type Deserializer, type Serializer } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type EventDeserializer,
  type EventSerializer,
  type JetStreamConsumerOptions,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** An order as a line of text (`1;Socks;1`), with Nest's interfaces. */
class LineSerializer implements Serializer<OrderCreatedEvent, string> {
  readonly subjects: string[] = [];

  serialize({ id, product, quantity }: OrderCreatedEvent, { subject }: { subject: string }): string {
    this.subjects.push(subject);
    if (product === '') throw new TypeError('an order has a product');
    return [id, product, quantity].join(';');
  }
}

class LineDeserializer implements Deserializer<Uint8Array, OrderCreatedEvent> {
  deserialize(data: Uint8Array): OrderCreatedEvent {
    const [id, product, quantity] = text(data).split(';');
    if (product === undefined) throw new TypeError('an order has three fields');
    return { id: Number(id), product, quantity: Number(quantity) };
  }
}

/** Deserializer that takes longer for earlier messages. */
class SlowDeserializer implements Deserializer<Uint8Array, OrderCreatedEvent> {
  async deserialize(data: Uint8Array): Promise<OrderCreatedEvent> {
    const event = new LineDeserializer().deserialize(data);
    for (let turn = 40; turn > event.id * 4; turn--) await setImmediate();
    return event;
  }
}

function consumerOf(handled: unknown[], orderBy?: (event: OrderCreatedEvent) => string) {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', concurrency: 8, ...(orderBy && { orderBy }) })
    handle(event: OrderCreatedEvent): void {
      handled.push(event);
    }
    @MessagePattern('math.double')
    double(value: number): number {
      return value * 2;
    }
  }
  return Orders;
}

describe('Codec of a module', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
  });

  const stored = async (seq: number): Promise<string> =>
    text((await jetStream.manager.streams.getMessage('ORDERS', { seq }))!.data);

  it('writes and reads events, but not bytes and requests', async () => {
    const handled: unknown[] = [];
    const serializer = new LineSerializer();
    const app = await startTestApp(server.url, {
      controllers: [consumerOf(handled)],
      streams: [OrdersStream],
      serializer,
      deserializer: new LineDeserializer(),
    });
    const client = app.get(NatsJetStreamClientProxy);

    await client.emitAsync(ORDER_CREATED, order(1));
    await client.emitAsync<unknown>('order.created', new TextEncoder().encode('2;Shoes;5'));

    await eventually('both are handled', () => handled.length === 2);
    expect(handled).toEqual([order(1), { id: 2, product: 'Shoes', quantity: 5 }]);
    expect([await stored(1), await stored(2)]).toEqual(['1;Socks;1', '2;Shoes;5']);
    expect(serializer.subjects).toEqual(['order.created']);
    expect(await client.request('math.double', 21)).toBe(42);
  });

  it('keeps the order of events with one key if it is asynchronous', async () => {
    const handled: OrderCreatedEvent[] = [];
    const serializer: EventSerializer = {
      serialize: async (event, options) => {
        await setImmediate();
        return new LineSerializer().serialize(event as OrderCreatedEvent, options);
      },
    };
    const app = await startTestApp(server.url, {
      controllers: [consumerOf(handled, ({ product }) => product)],
      streams: [OrdersStream],
      serializer,
      deserializer: new SlowDeserializer(),
    });
    const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    for (const id of ids) await jetStream.client.publish('order.created', `${id};Socks;1`);
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(10));

    await eventually('everything is handled', () => handled.length === 10);
    expect(handled.map(({ id }) => id)).toEqual([...ids, 10]);
    await eventually('every message is acknowledged', async () => isSettled(jetStream, 'ORDERS', 'orders'));
  });

  it.each([
    ['synchronously', new LineDeserializer()],
    ['asynchronously', new SlowDeserializer()],
  ])('dead-letters a message without a retry if it fails %s', async (_when, deserializer) => {
    const handled: unknown[] = [];
    const controllers = [consumerOf(handled, ({ product }) => product)];
    await startTestApp(server.url, { controllers, streams: [OrdersStream], deserializer });
    await jetStream.client.publish('order.created', 'what is this');
    await jetStream.client.publish('order.created', '10;Socks;1');

    await eventually('a dead letter is stored', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(text(letter!.data)).toBe('what is this');
    expect(letter!.header.get('Dead-Letter-Deliveries')).toBe('1');
    expect(letter!.header.get('Dead-Letter-Reason')).toContain(
      "UndecodableEventError: The deserializer cannot read the message on 'order.created' (an order has three fields)",
    );
    expect(handled).toEqual([order(10)]);
  });

  it.each<[string, JetStreamConsumerOptions<OrderCreatedEvent>]>([
    ['timeout', { timeout: 50 }],
    ['timeout with orderBy', { timeout: 50, orderBy: ({ product }) => product }],
    ['maxProcessingTime', { maxProcessingTime: 50 }],
  ])('abandons a deserializer that never ends after %s, and retries', async (_limit, options) => {
    const decoded: string[] = [];
    const handled: OrderCreatedEvent[] = [];
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', concurrency: 1, retryDelay: [10], ...options })
      handle(event: OrderCreatedEvent): void {
        handled.push(event);
      }
    }
    const deserializer: EventDeserializer = {
      deserialize: async (data) => {
        decoded.push(text(data));
        if (decoded.length === 1) await new Gate().opened;
        return new LineDeserializer().deserialize(data);
      },
    };
    await startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream], deserializer });
    await jetStream.client.publish('order.created', '1;Socks;1');
    await eventually('the first event is being decoded', () => decoded.length === 1);
    await jetStream.client.publish('order.created', '2;Socks;1');

    await eventually('both are handled', () => handled.length === 2);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
    expect(decoded.filter((each) => each === '1;Socks;1')).toHaveLength(2);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
  });

  it('counts decoding towards the timeout of the handler', async () => {
    const signals: boolean[] = [];
    const hold = new Gate();
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', timeout: 1_000, maxDeliver: 1 })
      async handle(@Payload() _event: OrderCreatedEvent, @Ctx() { signal }: NatsJetStreamContext): Promise<void> {
        const startedAt = performance.now();
        signal.addEventListener('abort', () => {
          signals.push(performance.now() - startedAt < 900);
          hold.open();
        });
        await hold.opened;
      }
    }
    const deserializer: EventDeserializer = {
      deserialize: async () => {
        const since = performance.now();
        while (performance.now() - since < 600) await setImmediate();
        return order(1);
      },
    };
    await startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream], deserializer });
    await jetStream.client.publish('order.created', 'anything');
    await eventually('the signal is aborted', () => signals.length === 1);
    expect(signals).toEqual([true]);
    await eventually('a dead letter is stored', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
  });

  it.each<[string, EventSerializer, string]>([
    ['throws', new LineSerializer(), 'cannot be written by the serializer (an order has a product)'],
    ['rejects', { serialize: () => Promise.reject(new Error('no schema')) }, 'by the serializer (no schema)'],
    ['returns no bytes', { serialize: () => 7 as never }, 'it returned number, neither text nor a Uint8Array'],
  ])('refuses the event before sending if it %s', async (_what, serializer, message) => {
    const client = new NatsJetStreamClientProxy({
      connectionOptions: { servers: server.url },
      streamConfig: OrdersStream,
      serializer,
    });
    const refused = client.emitAsync(ORDER_CREATED, { ...order(1), product: '' });
    await expect(refused).rejects.toMatchObject({ code: 'UNSERIALIZABLE_EVENT' });
    await expect(refused).rejects.toThrow(message);
    await client.close();
  });

  it('is refused without its method', () => {
    const wrong = { parse: () => 1 } as unknown as EventDeserializer;
    expect(() => new NatsJetStreamServer({ deserializer: wrong })).toThrow(
      "Option 'deserializer' cannot be an object. Pass an object with the method deserialize(data, { subject, headers }).",
    );
  });
});
