import { NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { OrdersConsumers } from './orders.consumers.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';
import { OrdersStream } from './orders.stream.js';

@Module({
  imports: [NatsJetStreamTransport.forFeature({ streams: [OrdersStream] })],
  controllers: [OrdersController, OrdersConsumers],
  providers: [OrdersService],
})
export class OrdersModule {}
