import { NatsJetStreamClientProxy, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccountsStream, CLOSED, DEPOSITED, OPENED } from './accounts.js';
import { AuditConsumer } from './audit.consumer.js';

@Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'bank' }),
    NatsJetStreamTransport.forFeature({ streams: [AccountsStream] }),
  ],
  controllers: [AuditConsumer],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

const client = app.get(NatsJetStreamClientProxy);
await client.emitAsync(OPENED, { owner: 'Ada' });
await client.emitAsync(DEPOSITED, { owner: 'Ada', amount: 100 });
await client.emitAsync(CLOSED, { owner: 'Ada', reason: 'moved' });
