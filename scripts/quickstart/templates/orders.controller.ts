import {
  type NatsJetStreamPubAck,
  NatsJetStreamClientProxy,
} from '@nest-jetstream/transport';
import { Body, Controller, Post } from '@nestjs/common';
import { type OrderCreatedEvent, ORDER_CREATED } from './orders.events.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly client: NatsJetStreamClientProxy) {}

  @Post()
  create(@Body() order: OrderCreatedEvent): Promise<NatsJetStreamPubAck> {
    return this.client.emitAsync(ORDER_CREATED, order);
  }
}
