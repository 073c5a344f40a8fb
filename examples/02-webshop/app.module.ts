import { NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { OrdersModule } from './orders/orders.module.js';

@Module({ imports: [NatsJetStreamTransport.register({ id: 'webshop' }), OrdersModule] })
export class AppModule {}
