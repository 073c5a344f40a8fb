import { AsyncLocalStorage } from 'node:async_hooks';
import { Controller, type CanActivate, type ExecutionContext, type Provider, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const MESSAGES = 200;

describe('AsyncLocalStorage.enterWith in a guard', () => {
  const storage = new AsyncLocalStorage<unknown>();
  let server: TestServer;
  let jetStream: JetStreamProbe;
  let seen: { before: unknown; own: unknown; id: unknown }[];
  let before: WeakMap<object, unknown>;

  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    seen = [];
    before = new WeakMap();
  });
  afterAll(() => storage.disable());

  /** Records the current value, which must be undefined, and sets one for the handler. */
  const guard: CanActivate = {
    canActivate(execution: ExecutionContext): boolean {
      const context = execution.switchToRpc().getContext<object>();
      const data = execution.switchToRpc().getData<{ id: number } | { id: number }[]>();
      const id = Array.isArray(data) ? data.map((each) => each.id).join() : data.id;
      before.set(context, storage.getStore());
      storage.enterWith(id);
      return true;
    },
  };
  const providers: Provider[] = [{ provide: APP_GUARD, useValue: guard }];

  function note(context: object, id: unknown): void {
    seen.push({ before: before.get(context), own: storage.getStore(), id });
  }

  async function start(controller: Type, options: TestAppOptions = {}) {
    const consumerOptions = { durable: true, retryDelay: [1], maxDeliver: 3 };
    return startTestApp(server.url, {
      controllers: [controller],
      providers,
      streams: [OrdersStream],
      consumerOptions,
      inheritAppConfig: true,
      ...options,
    });
  }

  async function publish(): Promise<void> {
    const events = Array.from({ length: MESSAGES }, (_, index) => order(index + 1));
    await Promise.all(events.map((event) => jetStream.client.publish('order.created', JSON.stringify(event))));
  }

  function expectOwnValues(runs: number): void {
    expect(seen).toHaveLength(runs);
    expect(seen.filter(({ before: earlier, own, id }) => earlier !== undefined || own !== id)).toEqual([]);
  }

  it('is visible only to its own message', async () => {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED)
      async handle(@Payload() { id }: OrderCreatedEvent, @Ctx() context: object): Promise<void> {
        await Promise.resolve();
        note(context, id);
      }
    }
    await start(Orders);
    await publish();
    await eventually('everything is handled', () => seen.length === MESSAGES);
    expectOwnValues(MESSAGES);
  });

  it.each<[string, object]>([
    ['a redelivery', {}],
    ['a retry in its lane', { orderBy: () => 'all' }],
  ])('is not visible to %s', async (_name, options) => {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, options)
      async handle(@Payload() { id }: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
        note(context, id);
        if (seen.filter((each) => each.id === id).length === 1) throw new Error('at first');
      }
    }
    await start(Orders);
    for (const id of [1, 2]) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
    await eventually('everything is handled', () => seen.length === 4);
    expectOwnValues(4);
  });

  it('is not visible to another batch', async () => {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, { batch: { size: 10, timeout: 100 } })
      async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: object): Promise<void> {
        note(context, events.map(({ id }) => id).join());
      }
    }
    await start(Orders);
    await publish();
    await eventually(
      'everything is handled',
      () => seen.flatMap(({ id }) => String(id).split(',')).length === MESSAGES,
    );
    expectOwnValues(seen.length);
  });

  it('is not visible to another plain handler of the subject', async () => {
    @Controller()
    class Orders {
      @EventPattern<string>('order.created')
      async first(@Payload() { id }: OrderCreatedEvent, @Ctx() context: object): Promise<void> {
        note(context, id);
      }
      @EventPattern<string>('order.created')
      async second(@Payload() { id }: OrderCreatedEvent, @Ctx() context: object): Promise<void> {
        note(context, id);
      }
    }
    await start(Orders);
    await publish();
    await eventually('everything is handled', () => seen.length === 2 * MESSAGES);
    expectOwnValues(2 * MESSAGES);
  });

  it('is not visible to another request', async () => {
    @Controller()
    class Orders {
      @MessagePattern('orders.get')
      async get(@Payload() { id }: { id: number }, @Ctx() context: object): Promise<number> {
        note(context, id);
        return id;
      }
    }
    const app = await start(Orders);
    const client = app.get(NatsJetStreamClientProxy);
    const ids = Array.from({ length: MESSAGES }, (_, index) => index);
    await Promise.all(ids.map((id) => client.request('orders.get', { id })));
    expectOwnValues(MESSAGES);
  });

  it('keeps the context of a processing start hook', async () => {
    const hookContext = new AsyncLocalStorage<string>();
    const spans: unknown[] = [];
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED)
      async handle(@Payload() { id }: OrderCreatedEvent, @Ctx() context: object): Promise<void> {
        spans.push(hookContext.getStore());
        note(context, id);
      }
    }
    await start(Orders, {
      configure: (app) =>
        app.get(NatsJetStreamServer).setOnProcessingStartHook((_transport, _context, done) => {
          hookContext.run('span', () => void done());
        }),
    });
    await publish();
    await eventually('everything is handled', () => seen.length === MESSAGES);
    expect(new Set(spans)).toEqual(new Set(['span']));
    expectOwnValues(MESSAGES);
  });
});
