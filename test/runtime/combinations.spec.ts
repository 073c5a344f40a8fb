import { Controller, Inject, Scope, type Type } from '@nestjs/common';
import { CONTEXT, Ctx, Payload, type RequestContext } from '@nestjs/microservices';
import {
  BatchResult,
  defineStream,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  Outcome,
  subjectTemplate,
  type ContextOf,
  type NatsJetStreamBatchContext,
} from '@nest-jetstream/transport';
import { z } from 'zod';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const DURABLE = 'orders';
const ORDER_SHIPPED = subjectTemplate(z.object({ carrier: z.string().trim() }))('order.:region.shipped');
const ShippedStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ORDER_SHIPPED } });

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

const settled = (): Promise<void> =>
  eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', DURABLE));

const deadIds = async (): Promise<number[]> =>
  (await deadLettersOf(jetStream, 'ORDERS')).map(({ data }) => JSON.parse(new TextDecoder().decode(data)).id);

async function publishOrders(controller: Type, count: number): Promise<void> {
  const app = await startTestApp(server.url, { controllers: [controller], streams: [OrdersStream] });
  const client = app.get(NatsJetStreamClientProxy);
  for (let id = 1; id <= count; id++) await client.emitAsync(ORDER_CREATED, order(id));
}

describe('Batch handler', () => {
  it('acknowledges, retries, dead-letters or leaves each message to ackWait with manualAck', async () => {
    const deliveries = new Map<number, number>();
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: DURABLE,
        manualAck: true,
        batch: { size: 4, timeout: 50 },
        ackWait: 500,
        maxDeliver: 2,
        retryDelay: [1],
      })
      async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext): Promise<void> {
        const settle = async (at: number, { id }: OrderCreatedEvent): Promise<void> => {
          const message = context.messages[at]!;
          deliveries.set(id, message.deliveryCount);
          if (id === 1) return message.ack();
          if (id === 2) return message.retry();
          if (id === 3) return message.terminate('never wanted');
          if (message.redelivered) return message.ack();
        };
        await Promise.all(events.map(async (event, at) => settle(at, event)));
      }
    }
    await publishOrders(Orders, 4);
    await eventually('the redeliveries are handled', () => deliveries.get(2) === 2 && deliveries.get(4) === 2);
    await settled();
    await eventually('the dead letters are stored', async () => (await deadIds()).length === 2);
    expect(new Set(await deadIds())).toEqual(new Set([2, 3]));
    expect(Object.fromEntries(deliveries)).toEqual({ 1: 1, 2: 2, 3: 1, 4: 2 });
  });

  it('creates a request-scoped controller per batch, with the batch as its request', async () => {
    const seen: { instance: number; data: OrderCreatedEvent[]; isOwn: boolean }[] = [];
    let instances = 0;
    @Controller({ scope: Scope.REQUEST })
    class Orders {
      private readonly instance = ++instances;
      constructor(
        @Inject(CONTEXT) private readonly request: RequestContext<OrderCreatedEvent[], NatsJetStreamBatchContext>,
      ) {}
      @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE, batch: { size: 2, timeout: '5s' }, concurrency: 1 })
      handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext): BatchResult {
        const { data, context: own } = this.request;
        seen.push({ instance: this.instance, data, isOwn: own === context });
        return BatchResult.of(events.map(({ id }) => (id === 4 ? Outcome.terminate('last') : Outcome.ack())));
      }
    }
    await publishOrders(Orders, 4);
    await settled();
    expect(seen).toEqual([
      { instance: 1, data: [order(1), order(2)], isOwn: true },
      { instance: 2, data: [order(3), order(4)], isOwn: true },
    ]);
    expect(await deadIds()).toEqual([4]);
  });

  it('gets the captured tokens of each message, and dead-letters events that fail the schema', async () => {
    const seen: [string, string][] = [];
    @Controller()
    class Shipping {
      @JetStreamConsumer(ORDER_SHIPPED, { durable: DURABLE, batch: { size: 3, timeout: '5s' } })
      handle(@Payload() events: { carrier: string }[], @Ctx() context: NatsJetStreamBatchContext): void {
        events.forEach(({ carrier }, at) => seen.push([context.messages[at]!.params['region']!, carrier]));
      }
    }
    await startTestApp(server.url, { controllers: [Shipping], streams: [ShippedStream] });
    const carriers = { eu: ' DHL ', us: 7, asia: 'SF', africa: 'DHL' };
    for (const [region, carrier] of Object.entries(carriers))
      await jetStream.client.publish(`order.${region}.shipped`, JSON.stringify({ carrier }));
    await settled();
    expect(seen).toEqual([
      ['eu', 'DHL'],
      ['asia', 'SF'],
      ['africa', 'DHL'],
    ]);
    const [dead, ...others] = await deadLettersOf(jetStream, 'ORDERS');
    expect(others).toEqual([]);
    expect(dead?.header.get('Dead-Letter-Subject')).toBe('order.us.shipped');
  });
});

describe('Template with a schema beside a wildcard handler', () => {
  it('validates the event for both handlers and dead-letters an invalid one for each', async () => {
    const shipped: unknown[] = [];
    const audited: unknown[] = [];
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_SHIPPED, { durable: DURABLE, orderBy: (_event, { params }) => params['region'] ?? '' })
      ship(@Payload() event: { carrier: string }, @Ctx() context: ContextOf<typeof ORDER_SHIPPED>): void {
        shipped.push([context.params.region, event.carrier]);
      }

      @JetStreamConsumer<string>('order.*.*', { durable: 'audit' })
      audit(@Payload() event: unknown): void {
        audited.push(event);
      }
    }
    await startTestApp(server.url, { controllers: [Orders], streams: [ShippedStream] });
    await jetStream.client.publish('order.eu.shipped', JSON.stringify({ carrier: ' DHL ' }));
    await jetStream.client.publish('order.us.shipped', JSON.stringify({ carrier: 7 }));
    await jetStream.client.publish('order.us.lost', JSON.stringify({ any: 'thing' }));
    await settled();
    await eventually('the audit consumer is settled', async () => isSettled(jetStream, 'ORDERS', 'audit'));
    expect(shipped).toEqual([['eu', 'DHL']]);
    expect(audited).toEqual([{ carrier: 'DHL' }, { any: 'thing' }]);
    const letters = await deadLettersOf(jetStream, 'ORDERS');
    expect(letters.map(({ header }) => header.get('Dead-Letter-Consumer')).toSorted()).toEqual(['audit', DURABLE]);
  });
});
