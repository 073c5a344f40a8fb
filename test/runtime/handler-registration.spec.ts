import { Controller, Injectable, Module, Scope, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamServer } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, ORDER_DELETED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

/** Replaces the method, as tracing decorators do. */
const traced: MethodDecorator = (_target, _name, descriptor) => {
  const original = descriptor.value as unknown as (...args: unknown[]) => unknown;
  Object.assign(descriptor, {
    value(...args: unknown[]): unknown {
      handled.push('traced');
      return original.apply(this, args);
    },
  });
};

let handled: string[] = [];

const marked: MethodDecorator = (_target, _name, descriptor) => {
  Reflect.defineMetadata('mark', 'below', descriptor.value as object);
  Object.assign(descriptor.value as object, { own: 'property' });
};

const lost = (value: string, message: RegExp) => ({
  code: 'HANDLER_NOT_REGISTERED',
  value,
  message: expect.stringMatching(message),
});

const bound: MethodDecorator = (_target, _name, { value }) => ({ get: () => value as never, configurable: true });

@Module({})
class BareModule {}

describe('a method with @JetStreamConsumer', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;

  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    handled = [];
  });

  async function start(controllers: Type[], providers: Provider[] = []): Promise<void> {
    await startTestApp(server.url, { controllers, providers, streams: [OrdersStream] });
  }

  async function expectHandled(...expected: string[]): Promise<void> {
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually('handled', () => handled.length === expected.length);
    expect(handled.toSorted()).toEqual(expected.toSorted());
  }

  describe('is registered', () => {
    it('below a decorator that replaces the method', async () => {
      @Controller()
      class Orders {
        @traced
        @JetStreamConsumer(ORDER_CREATED)
        handle(@Payload() { id }: OrderCreatedEvent): void {
          handled.push(`order ${id}`);
        }
      }
      await start([Orders]);
      await expectHandled('traced', 'order 1');
    });

    it('below such a decorator, in an application without our module', async () => {
      @Controller()
      class Orders {
        @traced
        @JetStreamConsumer(ORDER_CREATED, { durable: 'orders' })
        handle(@Payload() { id }: OrderCreatedEvent): void {
          handled.push(`order ${id}`);
        }
      }
      await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
      const app = await NestFactory.createMicroservice(
        { module: BareModule, controllers: [Orders] },
        { strategy: new NatsJetStreamServer({ connectionOptions: { servers: server.url } }), logger: false },
      );
      await app.listen();
      try {
        await expectHandled('traced', 'order 1');
      } finally {
        await app.close();
      }
    });

    it('keeps its name, its length and the metadata of decorators', () => {
      class Orders {
        @JetStreamConsumer(ORDER_CREATED)
        @marked
        handle(_event: OrderCreatedEvent, _context: unknown): void {}
      }
      const handle: { own?: string; name: string; length: number } = Reflect.get(Orders.prototype, 'handle');
      const { own, name, length } = handle;
      expect({ own, name, length }).toEqual({ own: 'property', name: 'handle', length: 2 });
      expect(Reflect.getMetadata('mark', handle)).toBe('below');
      expect(Reflect.getMetadata('design:paramtypes', Orders.prototype, 'handle')).toHaveLength(2);
    });

    it('in a base class, for the controller that inherits it', async () => {
      abstract class Base {
        protected abstract readonly label: string;
        @JetStreamConsumer(ORDER_CREATED)
        handle(@Payload() { id }: OrderCreatedEvent): void {
          handled.push(`${this.label} ${id}`);
        }
      }
      @Controller()
      class Orders extends Base {
        protected override readonly label = 'inherited';
      }
      await start([Orders]);
      await expectHandled('inherited 1');
    });

    it('in a subclass that decorates its own method', async () => {
      class Base {
        @JetStreamConsumer(ORDER_DELETED)
        handle(@Payload() _event: unknown): void {}
      }
      @Controller()
      class Orders extends Base {
        @JetStreamConsumer(ORDER_CREATED)
        override handle(@Payload() { id }: OrderCreatedEvent): void {
          handled.push(`own ${id}`);
        }
      }
      await start([Orders]);
      await expectHandled('own 1');
    });

    it('in a request-scoped controller, and in a class that is a provider too', async () => {
      @Controller({ scope: Scope.REQUEST })
      class Orders {
        @JetStreamConsumer(ORDER_CREATED)
        handle(@Payload() { id }: OrderCreatedEvent): void {
          handled.push(`order ${id}`);
        }
      }
      await start([Orders], [Orders]);
      await expectHandled('order 1');
    });
  });

  describe('fails startup', () => {
    @Injectable()
    class Mailer {
      @JetStreamConsumer(ORDER_CREATED)
      handle(): void {}
    }

    it.each<[string, Provider]>([
      ['a class', Mailer],
      ['another class', { provide: 'MAILER', useClass: class extends Mailer {} }],
      ['a factory', { provide: 'MAILER', useFactory: () => new Mailer() }],
      ['a value', { provide: 'MAILER', useValue: new Mailer() }],
    ])('in a provider that is %s', async (_name, provider) => {
      await expect(start([], [provider])).rejects.toMatchObject({
        code: 'HANDLER_NOT_REGISTERED',
        message: expect.stringMatching(/is a provider of TestModule, .*Move .* to 'controllers' of TestModule/),
      });
      expect((await jetStream.manager.streams.list().next()).length).toBe(0);
    });

    it('when a subclass overrides it without the decorator', async () => {
      class Base {
        @JetStreamConsumer(ORDER_CREATED)
        handle(): void {}
      }
      @Controller()
      class Orders extends Base {
        override handle(): void {}
      }
      const error = lost('Base.handle', /class Orders overrides it .* Add @JetStreamConsumer to Orders\.handle/);
      await expect(start([Orders])).rejects.toMatchObject(error);
    });

    it('when two controllers inherit it, which would share one durable', async () => {
      class Base {
        @JetStreamConsumer(ORDER_CREATED)
        handle(): void {}
      }
      @Controller()
      class First extends Base {}
      @Controller()
      class Second extends Base {}
      await expect(start([First, Second])).rejects.toMatchObject({
        code: 'DUPLICATE_DURABLE',
        message: expect.stringContaining('is used twice by Base.handle'),
      });
    });

    it('below a decorator that makes it an accessor', async () => {
      @Controller()
      class Orders {
        @bound
        @JetStreamConsumer(ORDER_CREATED)
        handle(): void {}
      }
      await expect(start([Orders])).rejects.toMatchObject(lost('Orders.handle', /another decorator replaced it/));
    });

    it('with a symbol as its name', async () => {
      const handle = Symbol('handle');
      @Controller()
      class Orders {
        @JetStreamConsumer(ORDER_CREATED)
        [handle](): void {}
      }
      await expect(start([Orders])).rejects.toMatchObject(lost('Orders.Symbol(handle)', /its name is a symbol/));
    });

    it('with a second pattern above', async () => {
      @Controller()
      class Orders {
        @EventPattern<string>('order.deleted')
        @JetStreamConsumer(ORDER_CREATED)
        handle(): void {}

        @MessagePattern('order.created')
        @JetStreamConsumer(ORDER_CREATED)
        answer(): void {}
      }
      await expect(start([Orders])).rejects.toMatchObject({
        errors: [
          { code: 'SEVERAL_PATTERNS', value: 'Orders.handle' },
          { code: 'SEVERAL_PATTERNS', value: 'Orders.answer' },
        ],
      });
    });
  });

  describe('fails when its class is defined', () => {
    it('with a second pattern below', () => {
      expect(() => {
        class Orders {
          @JetStreamConsumer(ORDER_CREATED)
          @JetStreamConsumer(ORDER_DELETED)
          handle(): void {}
        }
        return Orders;
      }).toThrow(expect.objectContaining({ code: 'SEVERAL_PATTERNS', value: 'Orders.handle' }));
    });

    it('as a static method', () => {
      expect(() => {
        class Orders {
          readonly id = 'orders';
          @JetStreamConsumer(ORDER_CREATED)
          static handle(): void {}
        }
        return Orders;
      }).toThrow(expect.objectContaining({ code: 'HANDLER_NOT_REGISTERED', value: 'Orders.handle' }));
    });

    it('as a property', () => {
      class Orders {
        readonly handle = (): void => undefined;
      }
      const decorate = JetStreamConsumer(ORDER_CREATED) as unknown as (target: object, property: string) => void;
      expect(() => decorate(Orders.prototype, 'handle')).toThrow(
        expect.objectContaining({ code: 'HANDLER_NOT_REGISTERED', value: 'Orders.handle' }),
      );
    });
  });
});
