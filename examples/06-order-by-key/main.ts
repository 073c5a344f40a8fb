import { NatsJetStreamClientProxy, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BookingsConsumer } from './bookings.consumer.js';
import { BOOKED, BookingsStream } from './bookings.js';

@Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'bookings' }),
    NatsJetStreamTransport.forFeature({ streams: [BookingsStream] }),
  ],
  controllers: [BookingsConsumer],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

const client = app.get(NatsJetStreamClientProxy);
for (let number = 1; number <= 10; number += 1)
  for (const account of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'])
    await client.emitAsync(BOOKED, { account, number });
