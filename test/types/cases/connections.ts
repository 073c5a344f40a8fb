import {
  fromConnection,
  getJetStreamAdminToken,
  getJetStreamClientToken,
  getJetStreamHealthToken,
  getJetStreamServerToken,
  InjectJetStreamClient,
  JetStreamConsumer,
  type JetStreamAdmin,
  type NatsJetStreamClientProxy,
  type NatsJetStreamHealth,
  type NatsJetStreamServer,
} from '@nest-jetstream/transport';
import { Controller, Inject, Injectable, type INestApplication } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events.js';

@Injectable()
export class OrdersService {
  @InjectJetStreamClient() private readonly shop!: NatsJetStreamClientProxy;

  constructor(
    @InjectJetStreamClient('billing') private readonly billing: NatsJetStreamClientProxy,
    @Inject(getJetStreamAdminToken('billing')) readonly admin: JetStreamAdmin,
  ) {}

  async create(): Promise<void> {
    await this.shop.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
    await this.billing.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
  }
}

@Controller()
export class OrdersController {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'billing-order-created', connection: 'billing' })
  created(@Payload() event: OrderCreatedEvent): number {
    return event.id;
  }

  @EventPattern<string>('order.*', fromConnection('billing'))
  any(@Payload() event: OrderCreatedEvent): number {
    return event.id;
  }

  @MessagePattern('order.total', fromConnection('billing'))
  total(@Payload() id: number): number {
    return id;
  }
}

// Types of `app.get` by token.
export function parts(app: INestApplication) {
  const client: NatsJetStreamClientProxy = app.get(getJetStreamClientToken('billing'));
  const server: NatsJetStreamServer = app.get(getJetStreamServerToken('billing'));
  const health: NatsJetStreamHealth = app.get(getJetStreamHealthToken());
  app.connectMicroservice({ strategy: app.get(getJetStreamServerToken('billing')) });
  return { client, server, health };
}

export const wrong = (app: INestApplication) => app.get(getJetStreamServerToken('billing')).listn(); // error: Property 'listn' does not exist on type 'NatsJetStreamServer'
JetStreamConsumer(ORDER_CREATED, { connection: 1 }); // error: Type 'number' is not assignable to type 'string'
fromConnection(); // error: Expected 1 arguments, but got 0
InjectJetStreamClient(7); // error: Argument of type 'number' is not assignable to parameter of type 'string'
