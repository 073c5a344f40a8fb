import {
  JetStreamAdmin,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
} from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { setTimeout as delay } from 'node:timers/promises';
import { JobsStream, RESIZE } from './jobs.js';
import { ResizeWorker } from './resize.worker.js';

@Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'pictures' }),
    NatsJetStreamTransport.forFeature({ streams: [JobsStream] }),
  ],
  controllers: [ResizeWorker],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

const client = app.get(NatsJetStreamClientProxy);
for (const picture of ['cat.png', 'busy.png', 'notes.txt']) await client.emitAsync(RESIZE, { picture });

await delay(1_000);
app.get(ResizeWorker).knowsText = true;
const taken = await app.get(JetStreamAdmin).redriveAll('JOBS', 'resize');
console.log(`fixed; redriven: ${taken}`);
