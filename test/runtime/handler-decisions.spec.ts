import {
  BadRequestException,
  Catch,
  ClassSerializerInterceptor,
  Controller,
  Inject,
  Injectable,
  Scope,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, HttpAdapterHost, Reflector } from '@nestjs/core';
import { Ctx, EventPattern, Payload, RpcException } from '@nestjs/microservices';
import type * as transport from '@nest-jetstream/transport';
import {
  BatchResult,
  DEAD_LETTER_HEADERS,
  JetStreamConsumer,
  Outcome,
  RetryError,
  TerminateError,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import {
  catchError,
  EMPTY,
  ignoreElements,
  map,
  mergeMap,
  of,
  retry,
  Subject,
  throwError,
  type Observable,
} from 'rxjs';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

type Decide = (context: NatsJetStreamContext) => unknown;

/** Converts an object as class-transformer does without decorators. */
const toPlain = (value: unknown): Record<string, unknown> => ({ ...(value as object) });
const transformerPackage = {
  plainToInstance: <T>(_class: Type<T>, plain: unknown) => plain as T,
  classToPlain: toPlain,
  instanceToPlain: toPlain,
};

const serializer: Provider = {
  provide: APP_INTERCEPTOR,
  inject: [Reflector],
  useFactory: (reflector: Reflector) => new ClassSerializerInterceptor(reflector, { transformerPackage }),
};

function interceptor(intercept: (handled: Observable<unknown>) => Observable<unknown>): Provider {
  const useValue: NestInterceptor = {
    intercept: (_context: ExecutionContext, next: CallHandler) => intercept(next.handle()),
  };
  return { provide: APP_INTERCEPTOR, useValue };
}

function filter(answer: (exception: unknown) => unknown): Provider {
  @Catch()
  class Answering implements ExceptionFilter {
    catch(exception: unknown): unknown {
      return answer(exception);
    }
  }
  return { provide: APP_FILTER, useClass: Answering };
}

// As in the documentation of Nest: https://docs.nestjs.com/exception-filters#catch-everything
@Catch()
class CatchEverythingFilter implements ExceptionFilter {
  constructor(@Inject(HttpAdapterHost) private readonly httpAdapterHost: HttpAdapterHost) {}
  catch(_exception: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.httpAdapterHost;
    httpAdapter.reply(host.switchToHttp().getResponse(), { statusCode: 500 }, 500);
  }
}
const catchEverything: Provider = { provide: APP_FILTER, useClass: CatchEverythingFilter };

const retryOnce: Decide = ({ redelivered }) => (redelivered ? undefined : Outcome.retry({ delay: 5 }));

const traced: MethodDecorator = (_target, _name, descriptor) => {
  const original = descriptor.value as unknown as (...args: unknown[]) => unknown;
  Object.assign(descriptor, {
    value(...args: unknown[]): unknown {
      return original.apply(this, args);
    },
  });
};

describe('Handler outcome', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  let deliveries: number[];

  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    deliveries = [];
  });

  async function start(controller: Type, providers: Provider[]): Promise<void> {
    const consumerOptions = { durable: true, retryDelay: [5], maxDeliver: 3 };
    await startTestApp(server.url, {
      controllers: [controller],
      providers,
      streams: [OrdersStream],
      consumerOptions,
      inheritAppConfig: true,
    });
  }

  async function settled(): Promise<void> {
    await eventually('every message is settled', async () => {
      const consumers = await jetStream.manager.consumers.list('ORDERS').next();
      return (
        deliveries.length > 0 && consumers.every(({ num_pending, num_ack_pending }) => !num_pending && !num_ack_pending)
      );
    });
  }

  /** Handles one message until it is settled. */
  async function handleOne(decide: Decide, ...providers: Provider[]): Promise<void> {
    @Controller()
    class Deciding {
      @JetStreamConsumer(ORDER_CREATED)
      handle(@Payload() _event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): unknown {
        deliveries.push(context.deliveryCount);
        return decide(context);
      }
    }
    await start(Deciding, providers);
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await settled();
  }

  async function reasons(): Promise<string[]> {
    const letters = await deadLettersOf(jetStream, 'ORDERS');
    return letters.map(({ header }) => header.get(DEAD_LETTER_HEADERS.reason));
  }

  const wrapping = interceptor((handled) => handled.pipe(map((data) => ({ data }))));
  const ignoringValues = interceptor((handled) => handled.pipe(ignoreElements()));

  describe('behind an interceptor that replaces the result', () => {
    it.each([
      ['ClassSerializerInterceptor', serializer],
      ['a wrapping interceptor', wrapping],
      ['an interceptor without values', ignoringValues],
    ])('applies Outcome.retry through %s', async (_name, provider) => {
      await handleOne(retryOnce, provider);
      expect(deliveries).toEqual([1, 2]);
    });

    it.each<[string, Decide]>([
      ['a value', () => Outcome.terminate('not ours')],
      ['a promise', async () => Outcome.terminate('not ours')],
      ['an Observable', () => of(Outcome.retry(), Outcome.terminate('not ours'))],
      ['a promise of an Observable', async () => of(Outcome.terminate('not ours'))],
    ])('applies Outcome.terminate as %s', async (_name, decide) => {
      await handleOne(decide, serializer);
      expect(deliveries).toEqual([1]);
      expect(await reasons()).toEqual(['not ours']);
    });

    it('applies a BatchResult', async () => {
      const batches: number[][] = [];
      @Controller()
      class Deciding {
        @JetStreamConsumer(ORDER_CREATED, { batch: { size: 2, timeout: '1s' } })
        handle(@Payload() events: OrderCreatedEvent[]): BatchResult {
          deliveries.push(events.length);
          batches.push(events.map(({ id }) => id));
          return BatchResult.of(events.map(({ id }) => (id === 2 ? Outcome.terminate('no two') : Outcome.ack())));
        }
      }
      await start(Deciding, [serializer]);
      for (const id of [1, 2]) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
      await eventually('the dead letters are stored', async () => (await reasons()).length === 1);
      await settled();
      expect(await reasons()).toEqual(['no two']);
      expect(batches.flat().toSorted((one, other) => one - other)).toEqual([1, 2]);
    });

    it('applies the outcome of the interceptor if it returns one', async () => {
      await handleOne(
        () => Outcome.retry(),
        interceptor((handled) => handled.pipe(map(() => Outcome.terminate('replaced')))),
      );
      expect(await reasons()).toEqual(['replaced']);
    });

    it('applies the last run if the interceptor runs the method again', async () => {
      let runs = 0;
      const decide = (): unknown => {
        if (++runs === 1) throw new TerminateError('only at first');
        return Outcome.ack();
      };
      await handleOne(
        decide,
        interceptor((handled) => handled.pipe(retry(1))),
        serializer,
      );
      expect(deliveries).toEqual([1, 1]);
      expect(await reasons()).toEqual([]);
    });

    it('is not confused with that of another message whose run calls the method', async () => {
      const queue = new Subject<() => void>();
      queue.pipe(mergeMap((run) => of(run()), 1)).subscribe();
      const waiting: (() => void)[] = [];
      const held: NestInterceptor = {
        // The second run also subscribes to the handler of the first.
        intercept: (_context, next) => {
          const handled = new Subject<unknown>();
          waiting.push(() => void next.handle().subscribe(handled));
          if (waiting.length === 2) for (const run of waiting.splice(0)) queue.next(run);
          return handled.pipe(map(() => 'done'));
        },
      };
      const decided: number[] = [];
      @Controller()
      class Deciding {
        @JetStreamConsumer(ORDER_CREATED)
        handle(@Payload() { id }: OrderCreatedEvent, @Ctx() _context: NatsJetStreamContext): unknown {
          deliveries.push(id);
          decided.push(id);
          return id === 1 ? Outcome.terminate('the first') : undefined;
        }
      }
      await start(Deciding, [{ provide: APP_INTERCEPTOR, useValue: held }]);
      for (const id of [1, 2]) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
      await eventually('both messages ran', () => decided.length === 2);
      await settled();
      const letters = await deadLettersOf(jetStream, 'ORDERS');
      expect(letters.map(({ data }) => JSON.parse(new TextDecoder().decode(data)).id)).toEqual([1]);
    });

    it('is taken from the registered method, not from another handler that it calls', async () => {
      const inner = jest.fn();
      @Controller()
      class Deciding {
        @JetStreamConsumer(ORDER_CREATED)
        async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
          deliveries.push(context.deliveryCount);
          await this.other(event);
        }
        @JetStreamConsumer('order.deleted', { durable: 'other' })
        async other(@Payload() event: unknown): Promise<unknown> {
          inner(event);
          return Outcome.terminate('of the other');
        }
      }
      await start(Deciding, [serializer]);
      await jetStream.client.publish('order.created', JSON.stringify(order(1)));
      await settled();
      expect(inner).toHaveBeenCalledTimes(1);
      expect(await reasons()).toEqual([]);
    });

    it('is applied for a method replaced by a decorator below, and for a request-scoped controller', async () => {
      @Controller({ scope: Scope.REQUEST })
      class Deciding {
        @JetStreamConsumer(ORDER_CREATED)
        @traced
        handle(@Payload() _event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): unknown {
          deliveries.push(context.deliveryCount);
          return retryOnce(context);
        }
      }
      await start(Deciding, [serializer]);
      await jetStream.client.publish('order.created', JSON.stringify(order(1)));
      await settled();
      expect(deliveries).toEqual([1, 2]);
    });
  });

  describe('of another copy of the package', () => {
    type Copy = typeof transport;
    let copy: Copy;
    beforeEach(() => {
      jest.isolateModules(() => {
        copy = jest.requireActual<Copy>('@nest-jetstream/transport');
      });
    });

    it('is applied when returned', async () => {
      await handleOne(() => copy.Outcome.terminate('of the copy'));
      expect(await reasons()).toEqual(['of the copy']);
    });

    it('is applied when thrown', async () => {
      await handleOne(({ redelivered }) => {
        throw redelivered ? new copy.TerminateError('enough') : new copy.RetryError('busy', { delay: '5ms' });
      });
      expect(deliveries).toEqual([1, 2]);
      expect(await reasons()).toEqual(['TerminateError: enough']);
    });

    it('is applied behind an interceptor if the handler is decorated with the copy', async () => {
      @Controller()
      class Deciding {
        @copy.JetStreamConsumer('order.created')
        handle(@Payload() _event: unknown, @Ctx() context: NatsJetStreamContext): unknown {
          deliveries.push(context.deliveryCount);
          return copy.Outcome.terminate('of the copy');
        }
      }
      await start(Deciding, [serializer]);
      await jetStream.client.publish('order.created', JSON.stringify(order(1)));
      await settled();
      expect(await reasons()).toEqual(['of the copy']);
    });
  });

  describe('behind an exception filter', () => {
    @Injectable()
    class FailingGuard implements CanActivate {
      canActivate(): boolean {
        deliveries.push(0);
        throw new TerminateError('the guard failed');
      }
    }
    const failingPipe: PipeTransform = {
      transform: () => {
        deliveries.push(0);
        throw new TerminateError('the pipe failed');
      },
    };

    it('terminates with the reason of the handler through a filter that catches everything', async () => {
      await handleOne(() => {
        throw new TerminateError('the handler failed');
      }, catchEverything);
      expect(deliveries).toEqual([1]);
      expect(await reasons()).toEqual(['TerminateError: the handler failed']);
    });

    it.each<[string, Provider]>([
      ['guard', { provide: APP_GUARD, useClass: FailingGuard }],
      ['pipe', { provide: APP_PIPE, useValue: failingPipe }],
      [
        'interceptor',
        interceptor((handled) =>
          handled.pipe(
            mergeMap(() => {
              throw new TerminateError('the interceptor failed');
            }),
          ),
        ),
      ],
    ])('terminates for the failure of a %s', async (name, provider) => {
      await handleOne(() => undefined, catchEverything, provider);
      const [letter] = await deadLettersOf(jetStream, 'ORDERS');
      expect(letter?.header.get(DEAD_LETTER_HEADERS.deliveries)).toBe('1');
      expect(await reasons()).toEqual([`TerminateError: the ${name} failed`]);
    });

    it('keeps the failure of the handler after the final delivery', async () => {
      await handleOne(() => {
        throw new Error('out of stock');
      }, catchEverything);
      expect(deliveries).toEqual([1, 2, 3]);
      expect(await reasons()).toEqual(['out of stock']);
    });

    it('applies the delay of a RetryError', async () => {
      await handleOne(({ redelivered }) => {
        if (!redelivered) throw new RetryError('busy', { delay: 5 });
      }, catchEverything);
      expect(deliveries).toEqual([1, 2]);
    });

    it.each<[string, () => unknown]>([
      ['an Observable', () => EMPTY],
      ['a value', () => 'handled'],
      ['a promise', async () => 'handled'],
    ])('is success if the filter returns %s', async (_name, answer) => {
      await handleOne(() => {
        throw new TerminateError('known');
      }, filter(answer));
      expect(deliveries).toEqual([1]);
      expect(await reasons()).toEqual([]);
    });

    it.each<[string, (exception: unknown) => unknown]>([
      ['returns an Outcome', () => Outcome.terminate('of the filter')],
      ['resolves to an Outcome', async () => of(Outcome.terminate('of the filter'))],
    ])('is taken from a filter that %s', async (_name, answer) => {
      await handleOne(() => {
        throw new Error('out of stock');
      }, filter(answer));
      expect(deliveries).toEqual([1]);
      expect(await reasons()).toEqual(['of the filter']);
    });

    it.each<[string, (exception: unknown) => unknown]>([
      [
        'throws a TerminateError',
        () => {
          throw new TerminateError('of the filter');
        },
      ],
      ['rejects with a TerminateError', () => Promise.reject(new TerminateError('of the filter'))],
      [
        'returns an Observable that fails with a TerminateError',
        () => throwError(() => new TerminateError('of the filter')),
      ],
      [
        'resolves to an Observable that fails with a TerminateError',
        async () => throwError(() => new TerminateError('of the filter')),
      ],
    ])('is taken from a filter that %s', async (_name, answer) => {
      await handleOne(() => {
        throw new Error('out of stock');
      }, filter(answer));
      expect(deliveries).toEqual([1]);
      expect(await reasons()).toEqual(['TerminateError: of the filter']);
    });

    it('is kept for plain event handlers and for request-scoped controllers whose providers fail', async () => {
      const failing: Provider = {
        provide: 'FAILING',
        scope: Scope.REQUEST,
        useFactory: () => {
          deliveries.push(0);
          throw new TerminateError('no tenant');
        },
      };
      @Controller({ scope: Scope.REQUEST })
      class Plain {
        constructor(@Inject('FAILING') readonly tenant: unknown) {}
        @EventPattern<string>('order.created')
        handle(): void {}
      }
      await start(Plain, [catchEverything, failing]);
      await jetStream.client.publish('order.created', JSON.stringify(order(1)));
      await settled();
      expect(deliveries).toEqual([0]);
      expect(await reasons()).toEqual(['TerminateError: no tenant']);
    });
  });

  describe('behind an interceptor that replaces the failure', () => {
    const replacing = interceptor((handled) => handled.pipe(catchError(() => throwError(() => new Error('mapped')))));

    it('terminates at once with the reason of the handler', async () => {
      await handleOne(() => {
        throw new TerminateError('the handler failed');
      }, replacing);
      expect(deliveries).toEqual([1]);
      expect(await reasons()).toEqual(['TerminateError: the handler failed']);
    });

    it('is taken from an interceptor that throws a TerminateError', async () => {
      const terminating = interceptor((handled) =>
        handled.pipe(catchError(() => throwError(() => new TerminateError('mapped')))),
      );
      await handleOne(async () => Promise.reject(new Error('out of stock')), terminating);
      expect(deliveries).toEqual([1]);
      expect(await reasons()).toEqual(['TerminateError: mapped']);
    });

    it('is success if the interceptor recovers', async () => {
      await handleOne(
        () => throwError(() => new TerminateError('known')),
        interceptor((handled) => handled.pipe(catchError(() => of('recovered')))),
      );
      expect(deliveries).toEqual([1]);
      expect(await reasons()).toEqual([]);
    });
  });

  describe('after a failed validation', () => {
    it.each<[string, () => unknown, string]>([
      [
        'of ValidationPipe',
        () => new BadRequestException(['product must be a string', 'quantity must be a positive number']),
        'BadRequestException: product must be a string; quantity must be a positive number',
      ],
      [
        'with the errors of class-validator',
        () =>
          new RpcException([
            { property: 'product', constraints: { isString: 'product must be a string' } },
            {
              property: 'address',
              children: [{ property: 'city', constraints: { isString: 'city must be a string' } }],
            },
          ]),
        'product must be a string; address.city must be a string',
      ],
      [
        'with the issues of a schema',
        () =>
          new BadRequestException({
            message: 'Validation failed',
            errors: [{ path: ['items', 0], message: 'Required' }],
          }),
        'BadRequestException: items.0: Required',
      ],
      ['without details', () => new BadRequestException('no such order'), 'BadRequestException: no such order'],
    ])('shows the failed fields %s', async (_name, failure, reason) => {
      const pipe: PipeTransform = {
        transform: () => {
          deliveries.push(0);
          throw failure();
        },
      };
      await handleOne(() => undefined, { provide: APP_PIPE, useValue: pipe });
      expect(await reasons()).toEqual([reason]);
    });
  });
});
