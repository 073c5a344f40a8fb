import { NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BillingConsumer } from './billing.consumer.js';
import { Database } from './database.js';
import { OrdersController } from './orders.controller.js';
import { OrdersStream } from './orders.events.js';
import { OutboxRelay } from './outbox.relay.js';

@Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'shop' }),
    NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
  ],
  controllers: [OrdersController, BillingConsumer],
  providers: [Database, OutboxRelay],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
const port = process.env['PORT'] ?? 3000;
await app.listen(port);
console.log(`open http://localhost:${port}: curl -X POST http://localhost:${port}/orders/socks`);
