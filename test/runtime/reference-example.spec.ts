import { Controller, Get, Inject, Injectable, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload, type CustomStrategy } from '@nestjs/microservices';
import {
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type NatsJetStreamContext,
  type NatsJetStreamPubAck,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';

const received: [subject: string, data: unknown][] = [];

@Injectable()
class AppService {
  constructor(@Inject(NatsJetStreamClientProxy) private readonly client: NatsJetStreamClientProxy) {}

  createOrder(): string {
    this.client
      .emit<NatsJetStreamPubAck, object>('order.created', { id: 1, product: 'Socks', quantity: 1 })
      .subscribe();
    return 'order created.';
  }

  updateOrder(): string {
    this.client.emit<null, object>('order.updated', { id: 1, quantity: 10 }).subscribe();
    return 'order updated';
  }

  deleteOrder(): string {
    this.client.send<NatsJetStreamPubAck, object>('order.deleted', { id: 1 }).subscribe();
    return 'order deleted';
  }
}

@Controller()
class AppController {
  constructor(@Inject(AppService) private readonly appService: AppService) {}

  @Get('/create')
  createOrder(): string {
    return this.appService.createOrder();
  }

  @Get('/update')
  updateOrder(): string {
    return this.appService.updateOrder();
  }

  @Get('/delete')
  deleteOrder(): string {
    return this.appService.deleteOrder();
  }

  @EventPattern<string>('order.updated')
  async orderUpdatedHandler(@Payload() data: unknown, @Ctx() context: NatsJetStreamContext): Promise<void> {
    context.message.ack();
    received.push([context.message.subject, data]);
  }

  @EventPattern<string>('order.created')
  async orderCreatedHandler(@Payload() data: unknown, @Ctx() context: NatsJetStreamContext): Promise<void> {
    context.message.ack();
    received.push([context.message.subject, data]);
  }

  @EventPattern<string>('order.deleted')
  async orderDeletedHandler(@Payload() data: unknown, @Ctx() context: NatsJetStreamContext): Promise<void> {
    context.message.ack();
    received.push([context.message.subject, data]);
  }
}

let app: INestApplication | undefined;
afterEach(() => app?.close());

it('runs the example of the reference, in which each handler acknowledges its event', async () => {
  const server = await startTestServer();
  @Module({
    imports: [
      NatsJetStreamTransport.register({
        connectionOptions: { servers: server.url },
        streamConfig: { subjects: ['order.*'] },
      }),
    ],
    controllers: [AppController],
    providers: [AppService],
  })
  class AppModule {}
  const options: CustomStrategy = {
    strategy: new NatsJetStreamServer({
      id: 'test-service',
      connectionOptions: { servers: server.url },
      consumerOptions: {
        deliverGroup: 'test-service',
        durable: true,
        deliverTo: 'myservice-inbox',
        manualAck: true,
      },
    }),
  };
  app = await NestFactory.create(AppModule, { logger: false });
  const microService = app.connectMicroservice(options);
  // The microservice may listen before the stream exists.
  await Promise.all([microService.listen(), app.listen(0, '127.0.0.1')]);
  const url = await app.getUrl();
  for (const path of ['create', 'update', 'delete']) await (await fetch(`${url}/${path}`)).text();

  await eventually('three events are received', () => received.length === 3);
  expect(received.toSorted(([one], [other]) => one.localeCompare(other))).toEqual([
    ['order.created', { id: 1, product: 'Socks', quantity: 1 }],
    ['order.deleted', { id: 1 }],
    ['order.updated', { id: 1, quantity: 10 }],
  ]);
  const { manager } = await probe(server.url);
  const [stream = ''] = await manager.streams.names('order.created').next();
  expect(stream).toMatch(/^order--\w{8}$/);
  await eventually('three events are acknowledged', async () => {
    const consumers = await manager.consumers.list(stream).next();
    expect(consumers).toHaveLength(3);
    for (const { name, config } of consumers) {
      expect(config).toMatchObject({ deliver_subject: `myservice-inbox.${name}`, deliver_group: 'test-service' });
    }
    return consumers.every(({ ack_floor, num_ack_pending }) => ack_floor.consumer_seq === 1 && num_ack_pending === 0);
  });
});
