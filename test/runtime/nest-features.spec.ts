import {
  Catch,
  Controller,
  Inject,
  Module,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentMetadata,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import {
  CONTEXT,
  Ctx,
  EventPattern,
  MessagePattern,
  NatsContext,
  Payload,
  RpcException,
  type AsyncMicroserviceOptions,
  type RequestContext,
} from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamContext,
  NatsJetStreamServer,
  NatsJetStreamTransport,
} from '@nest-jetstream/transport';
import { catchError, concat, defer, EMPTY, from, of, tap, throwError, type Observable } from 'rxjs';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

@Module({})
class RootModule {}

let log: string[] = [];

class ShoutingPipe implements PipeTransform {
  transform(event: OrderCreatedEvent, { type }: ArgumentMetadata): OrderCreatedEvent {
    // Nest gives global pipes the context of @Ctx() too.
    if (type !== 'body') return event;
    log.push('pipe');
    return { ...event, product: event.product.toUpperCase() };
  }
}

class LoggingGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    const context = execution.switchToRpc().getContext<NatsJetStreamContext>();
    log.push(`guard of delivery ${context.deliveryCount}`);
    return true;
  }
}

class LoggingInterceptor implements NestInterceptor {
  intercept(_execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    log.push('interceptor begins');
    return next.handle().pipe(tap({ complete: () => log.push('interceptor ends') }));
  }
}

@Catch()
class PassingFilter implements ExceptionFilter {
  catch(error: Error): Observable<never> {
    log.push(`filter of ${error.message}`);
    return throwError(() => error);
  }
}

describe('Nest features in a handler', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;

  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    log = [];
  });

  async function startService(controller: Type, options: TestAppOptions = {}): Promise<void> {
    const consumerOptions = { durable: true, retryDelay: [1], maxDeliver: 3 };
    await startTestApp(server.url, { controllers: [controller], streams: [OrdersStream], consumerOptions, ...options });
  }

  async function publish(id: number): Promise<void> {
    await jetStream.client.publish('order.created', JSON.stringify(order(id)));
  }

  async function isDone(): Promise<boolean> {
    const [consumer] = await jetStream.manager.consumers.list('ORDERS').next();
    return consumer !== undefined && consumer.ack_floor.stream_seq === consumer.delivered.stream_seq;
  }

  /** Runs one message until it is settled. */
  async function handleOne(controller: Type, options: TestAppOptions = {}): Promise<void> {
    await startService(controller, options);
    await publish(1);
    await eventually('every message is settled', async () => log.length > 0 && isDone());
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
  }

  describe('global enhancers in a hybrid application', () => {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED)
      handle(@Payload() { product }: OrderCreatedEvent, @Ctx() { redelivered }: NatsJetStreamContext): void {
        log.push(`handler of ${product}`);
        if (!redelivered) throw new Error('out of stock');
      }
    }
    const WAY = ['interceptor begins', 'pipe', 'handler of SOCKS'];
    const FIRST = ['guard of delivery 1', ...WAY, 'filter of out of stock'];
    const SECOND = ['guard of delivery 2', ...WAY, 'interceptor ends'];

    const set: TestAppOptions = {
      configure: (app) =>
        app
          .useGlobalPipes(new ShoutingPipe())
          .useGlobalGuards(new LoggingGuard())
          .useGlobalInterceptors(new LoggingInterceptor())
          .useGlobalFilters(new PassingFilter()),
    };
    const provided: TestAppOptions = {
      providers: [
        { provide: APP_PIPE, useClass: ShoutingPipe },
        { provide: APP_GUARD, useClass: LoggingGuard },
        { provide: APP_INTERCEPTOR, useClass: LoggingInterceptor },
        { provide: APP_FILTER, useClass: PassingFilter },
      ],
    };

    it.each([
      ['set on the application', set],
      ['providers', provided],
    ])('do not apply to events by default if they are %s', async (_how, options) => {
      await handleOne(Orders, options);
      expect(log).toEqual(['handler of Socks', 'handler of Socks']);
    });

    it.each([
      ['set on the application', set],
      ['providers', provided],
    ])('apply with inheritAppConfig if they are %s', async (_how, options) => {
      await handleOne(Orders, { ...options, inheritAppConfig: true });
      expect(log).toEqual([...FIRST, ...SECOND]);
    });

    it('apply in a microservice without HTTP if they are providers', async () => {
      const root = {
        module: RootModule,
        imports: [
          NatsJetStreamTransport.register({
            id: 'test',
            connectionOptions: { servers: server.url },
            consumerOptions: { durable: true, retryDelay: [1] },
          }),
          NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
        ],
        controllers: [Orders],
        providers: provided.providers ?? [],
      };
      const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
        inject: [NatsJetStreamServer],
        useFactory: (strategy: NatsJetStreamServer) => ({ strategy }),
        logger: false,
      });
      await app.listen();
      await publish(1);
      await eventually('every message is settled', async () => log.length > 0 && isDone());
      await app.close();
      expect(log).toEqual([...FIRST, ...SECOND]);
    });

    it('let events pass if a guard of HTTP requests looks at the type of the context', async () => {
      const guard: CanActivate = {
        canActivate: (execution) => {
          log.push(`guard of ${execution.getType()}`);
          if (execution.getType() !== 'http') return true;
          const { headers } = execution.switchToHttp().getRequest<{ headers: Record<string, string> }>();
          return headers['authorization'] !== undefined;
        },
      };
      await handleOne(Orders, { configure: (app) => app.useGlobalGuards(guard), inheritAppConfig: true });
      expect(log.slice(0, 2)).toEqual(['guard of rpc', 'handler of Socks']);
    });
  });

  it('redeliver a message that a guard refuses', async () => {
    const guard: CanActivate = {
      canActivate: (execution) => execution.switchToRpc().getContext<NatsJetStreamContext>().redelivered,
    };
    @Controller()
    class Orders {
      @UseGuards(guard)
      @JetStreamConsumer(ORDER_CREATED)
      handle(@Payload() _event: OrderCreatedEvent, @Ctx() { deliveryCount }: NatsJetStreamContext): void {
        log.push(`delivery ${deliveryCount}`);
      }
    }
    await handleOne(Orders);
    expect(log).toEqual(['delivery 2']);
  });

  it('settle a message whose failure a filter answers', async () => {
    const filter: ExceptionFilter = {
      catch: ({ message }: Error) => {
        log.push(message);
        return EMPTY;
      },
    };
    @Controller()
    class Orders {
      @UseFilters(filter)
      @JetStreamConsumer(ORDER_CREATED)
      handle(): never {
        throw new Error('known, and dealt with');
      }
    }
    await handleOne(Orders);
    expect(log).toEqual(['known, and dealt with']);
  });

  it('log a failure of an event handler only in the transport, with the outcome of the message', async () => {
    @Controller()
    class Orders {
      @EventPattern('order.created')
      handle(_event: unknown): void {
        log.push('run');
        throw new RpcException('out of stock');
      }
    }
    const { logger, lines } = logLines();
    await startService(Orders, { logger });
    await publish(1);
    await eventually(
      'the dead letters are stored',
      async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1,
    );
    const failures = lines.filter((line) => line.includes('out of stock') || line.includes('Internal server error'));
    expect(failures).toEqual(
      [1, 2, 3].map((delivery) => expect.stringContaining(`attempt ${delivery}): out of stock. `)),
    );
    expect(log).toHaveLength(3);
  });

  it('create a request-scoped controller for each message, with its context', async () => {
    let instances = 0;
    @Controller({ scope: Scope.REQUEST })
    class Orders {
      private readonly instance = ++instances;
      constructor(@Inject(CONTEXT) private readonly request: RequestContext<OrderCreatedEvent, NatsJetStreamContext>) {}
      @JetStreamConsumer(ORDER_CREATED)
      handle(event: OrderCreatedEvent): void {
        const { context, data } = this.request;
        expect(context).toBeInstanceOf(NatsJetStreamContext);
        expect(data).toEqual(event);
        log.push(`instance ${this.instance} of ${context?.subject} ${data.id}`);
      }
    }
    await startService(Orders, { consumerOptions: { durable: true, concurrency: 1 } });
    for (const id of [1, 2]) await publish(id);
    await eventually('both are handled', () => log.length === 2);
    expect(log).toEqual(['instance 1 of order.created 1', 'instance 2 of order.created 2']);
  });

  it('retry two @EventPattern handlers of one subject together', async () => {
    @Controller()
    class Orders {
      @EventPattern<string>('order.created')
      mail(@Payload() _event: OrderCreatedEvent, @Ctx() { deliveryCount }: NatsJetStreamContext): void {
        log.push(`mail ${deliveryCount}`);
      }
      @EventPattern<string>('order.created')
      stock(@Payload() _event: OrderCreatedEvent, @Ctx() { deliveryCount }: NatsJetStreamContext): void {
        log.push(`stock ${deliveryCount}`);
        if (deliveryCount === 1) throw new Error('out of stock');
      }
    }
    await handleOne(Orders);
    expect(log.toSorted()).toEqual(['mail 1', 'mail 2', 'stock 1', 'stock 2']);
  });

  describe('an Observable', () => {
    it('settles the message only when it completes', async () => {
      const gate = new Gate();
      @Controller()
      class Orders {
        @JetStreamConsumer(ORDER_CREATED)
        handle(): Observable<unknown> {
          return concat(
            of('a first value'),
            defer(() => {
              log.push('waiting');
              return from(gate.opened);
            }),
          ).pipe(tap({ complete: () => log.push('complete') }));
        }
      }
      await startService(Orders);
      await publish(1);
      await eventually('the Observable is subscribed', () => log.length > 0);
      expect(await isDone()).toBe(false);
      gate.open();
      await eventually('every message is settled', isDone);
      expect(log).toEqual(['waiting', 'complete']);
    });

    it('settles the message without a value', async () => {
      @Controller()
      class Orders {
        @JetStreamConsumer(ORDER_CREATED)
        handle(): Observable<never> {
          log.push('handled');
          return EMPTY;
        }
      }
      await handleOne(Orders);
      expect(log).toEqual(['handled']);
    });

    it('redelivers the message when it fails', async () => {
      @Controller()
      class Orders {
        @JetStreamConsumer(ORDER_CREATED)
        handle(@Payload() _event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Observable<unknown> {
          log.push(`delivery ${context.deliveryCount}`);
          return context.redelivered
            ? of('done')
            : concat(
                of('a first value'),
                throwError(() => new Error('late')),
              );
        }
      }
      await handleOne(Orders);
      expect(log).toEqual(['delivery 1', 'delivery 2']);
    });

    it('replaces the failure of the handler if an interceptor returns it', async () => {
      const interceptor: NestInterceptor = {
        intercept: (_execution, next) =>
          next.handle().pipe(
            catchError((error: Error) => {
              log.push(error.message);
              return EMPTY;
            }),
          ),
      };
      @Controller()
      class Orders {
        @UseInterceptors(interceptor)
        @JetStreamConsumer(ORDER_CREATED)
        handle(): never {
          throw new Error('known, and dealt with');
        }
      }
      await handleOne(Orders);
      expect(log).toEqual(['known, and dealt with']);
    });
  });

  it('run the processing hooks around each run, including failed ones', async () => {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED)
      handle(@Payload() _event: OrderCreatedEvent, @Ctx() { redelivered }: NatsJetStreamContext): void {
        log.push('handler');
        if (!redelivered) throw new Error('out of stock');
      }
    }
    await handleOne(Orders, {
      configure: (app) => {
        const transport = app.get(NatsJetStreamServer);
        transport.setOnProcessingStartHook((_transportId, context, done) => {
          log.push(`start of ${context instanceof NatsJetStreamContext ? context.deliveryCount : 'nothing'}`);
          void done();
        });
        transport.setOnProcessingEndHook(() => log.push('end'));
      },
    });
    expect(log).toEqual(['start of 1', 'handler', 'end', 'start of 2', 'handler', 'end']);
  });

  it('fail the run if a start hook fails, and log a failed end hook', async () => {
    const { logger, lines } = logLines();
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED)
      handle(): void {
        log.push('handler');
      }
    }
    await handleOne(Orders, {
      logger,
      configure: (app) => {
        const transport = app.get(NatsJetStreamServer);
        let starts = 0;
        const hook = async (_transportId: unknown, _context: unknown, done: () => Promise<unknown>): Promise<void> => {
          if (++starts === 1) throw new Error('no tracer');
          await done();
        };
        // JavaScript allows a hook that returns a promise.
        transport.setOnProcessingStartHook(hook as (...given: Parameters<typeof hook>) => void);
        transport.setOnProcessingEndHook(() => {
          throw new Error('no span');
        });
      },
    });
    expect(log).toEqual(['handler']);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringContaining('attempt 1): no tracer. Retrying'),
        'The processing end hook failed: no span.',
      ]),
    );
  });

  it('run the processing hooks around requests', async () => {
    @Controller()
    class Stock {
      @MessagePattern('stock.get')
      stock(): Observable<number> {
        log.push('handler');
        return of(7);
      }
    }
    const app = await startTestApp(server.url, {
      controllers: [Stock],
      configure: (connected) => {
        const transport = connected.get(NatsJetStreamServer);
        transport.setOnProcessingStartHook((_transportId, context, done) => {
          log.push(`start of ${context instanceof NatsContext ? context.getSubject() : 'nothing'}`);
          void done();
        });
        transport.setOnProcessingEndHook(() => log.push('end'));
      },
    });
    expect(await app.get(NatsJetStreamClientProxy).request('stock.get', {})).toBe(7);
    await eventually('the end hook ran', () => log.length === 3);
    expect(log).toEqual(['start of stock.get', 'handler', 'end']);
  });
});
