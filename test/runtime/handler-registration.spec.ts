import { Controller, Injectable, Module, Scope, UseGuards, type Provider, type Type } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { PATTERN_METADATA } from '@nestjs/microservices/constants';
import {
  handlerDecorators,
  JetStreamConsumer,
  NatsJetStreamServer,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
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

const notRegistered = (value: string, message: RegExp) => ({
  code: 'HANDLER_NOT_REGISTERED',
  value,
  message: expect.stringMatching(message),
});

const asAccessor: MethodDecorator = (_target, _name, { value }) => ({ get: () => value as never, configurable: true });

@Module({})
class BareModule {}

describe('@JetStreamConsumer', () => {
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
    await eventually('everything is handled', () => handled.length === expected.length);
    expect(handled.toSorted()).toEqual(expected.toSorted());
  }

  describe('on a valid method', () => {
    it('registers it below a decorator that replaces the method', async () => {
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

    it('registers it below such a decorator in an application without the module', async () => {
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

    it('keeps the name, length and metadata of the method', () => {
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

    it('registers a method of a base class for an inheriting controller', async () => {
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

    it('registers the method of a subclass that decorates its own', async () => {
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

    it('registers a request-scoped controller, and a class that is also a provider', async () => {
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

  describe('on a method that Nest does not register', () => {
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
    ])('fails startup for a provider that is %s', async (_name, provider) => {
      await expect(start([], [provider])).rejects.toMatchObject({
        code: 'HANDLER_NOT_REGISTERED',
        message: expect.stringMatching(/is a provider of TestModule, .*Move .* to 'controllers' of TestModule/),
      });
      expect((await jetStream.manager.streams.list().next()).length).toBe(0);
    });

    it('fails startup if a subclass overrides the method without the decorator', async () => {
      class Base {
        @JetStreamConsumer(ORDER_CREATED)
        handle(): void {}
      }
      @Controller()
      class Orders extends Base {
        override handle(): void {}
      }
      const error = notRegistered(
        'Base.handle',
        /class Orders overrides it .* Add @JetStreamConsumer to Orders\.handle/,
      );
      await expect(start([Orders])).rejects.toMatchObject(error);
    });

    it('fails startup if two controllers inherit the method and would share a durable', async () => {
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

    it('fails startup below a decorator that turns the method into an accessor', async () => {
      @Controller()
      class Orders {
        @asAccessor
        @JetStreamConsumer(ORDER_CREATED)
        handle(): void {}
      }
      await expect(start([Orders])).rejects.toMatchObject(
        notRegistered('Orders.handle', /another decorator replaced it/),
      );
    });

    it('fails startup for a method named by a symbol', async () => {
      const handle = Symbol('handle');
      @Controller()
      class Orders {
        @JetStreamConsumer(ORDER_CREATED)
        [handle](): void {}
      }
      await expect(start([Orders])).rejects.toMatchObject(
        notRegistered('Orders.Symbol(handle)', /its name is a symbol/),
      );
    });

    it('fails startup for a second pattern above the decorator', async () => {
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

  describe('at class definition', () => {
    it('throws for a second pattern below the decorator', () => {
      expect(() => {
        class Orders {
          @JetStreamConsumer(ORDER_CREATED)
          @JetStreamConsumer(ORDER_DELETED)
          handle(): void {}
        }
        return Orders;
      }).toThrow(expect.objectContaining({ code: 'SEVERAL_PATTERNS', value: 'Orders.handle' }));
    });

    it('throws for a static method', () => {
      expect(() => {
        class Orders {
          readonly id = 'orders';
          // @ts-expect-error Nest does not call static methods.
          @JetStreamConsumer(ORDER_CREATED)
          static handle(): void {}
        }
        return Orders;
      }).toThrow(expect.objectContaining({ code: 'HANDLER_NOT_REGISTERED', value: 'Orders.handle' }));
    });

    it('throws for a payload without a decorator beside a decorated parameter', () => {
      expect(() => {
        class Orders {
          @JetStreamConsumer(ORDER_CREATED)
          handle(_event: OrderCreatedEvent, @Ctx() _context: NatsJetStreamContext): void {}
        }
        return Orders;
      }).toThrow(
        expect.objectContaining({
          code: 'UNDECORATED_PAYLOAD',
          value: 'Orders.handle',
          message:
            'The first parameter of Orders.handle would be undefined, because Nest passes only decorated parameters if one is decorated. Add @Payload() to it.',
        }),
      );
    });

    it('applies other decorators with handlerDecorators, as if they were above the method', () => {
      const applied: string[] = [];
      const noted =
        (name: string): MethodDecorator =>
        (_target, _method, descriptor) => {
          applied.push(name);
          return descriptor;
        };
      class Guard {
        canActivate(): boolean {
          return true;
        }
      }
      class Orders {
        @handlerDecorators(JetStreamConsumer(ORDER_CREATED), noted('first'), UseGuards(Guard), noted('second'))
        handle(@Payload() _event: OrderCreatedEvent): void {}
      }

      const handler: object = Reflect.get(Orders.prototype, 'handle');
      expect(applied).toEqual(['second', 'first']);
      expect(Reflect.getMetadata(PATTERN_METADATA, handler)).toEqual(['order.created']);
      expect(Reflect.getMetadata(GUARDS_METADATA, handler)).toEqual([Guard]);
    });

    it('throws for an event parameter that would receive a property of the event', () => {
      expect(() => {
        class Orders {
          @JetStreamConsumer(ORDER_CREATED)
          handle(@Ctx() _context: NatsJetStreamContext, @Payload('id') _event: OrderCreatedEvent): void {}
        }
        return Orders;
      }).toThrow(
        expect.objectContaining({
          code: 'PAYLOAD_PROPERTY',
          value: 'id',
          message:
            "The payload parameter of Orders.handle would be the property 'id' instead of the event. Use @Payload() for it, and @Payload('id') for a later parameter.",
        }),
      );
    });

    it('accepts a property of the event after the event', () => {
      expect(() => {
        class Orders {
          @JetStreamConsumer(ORDER_CREATED)
          handle(@Payload() _event: OrderCreatedEvent, @Payload('id') _id: number): void {}
        }
        return Orders;
      }).not.toThrow();
    });

    it('throws for a property', () => {
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
