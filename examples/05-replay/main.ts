import { NatsJetStreamClientProxy, NatsJetStreamServer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BestSellersProjection } from './best-sellers.projection.js';
import { SalesStream, SOLD } from './sales.js';

const imports = [
  NatsJetStreamTransport.register({ id: 'sales' }),
  NatsJetStreamTransport.forFeature({ streams: [SalesStream] }),
];

/** The existing service, which only publishes. */
@Module({ imports })
class YesterdayModule {}

/** The service with the new projection. */
@Module({ imports, controllers: [BestSellersProjection] })
class TodayModule {}

const yesterday = await NestFactory.create(YesterdayModule);
await yesterday.init();
const client = yesterday.get(NatsJetStreamClientProxy);
for (const [product, quantity] of [
  ['Socks', 3],
  ['Hat', 1],
  ['Scarf', 2],
  ['Hat', 7],
] as const)
  await client.emitAsync(SOLD, { product, quantity });
await yesterday.close();

const today = await NestFactory.create(TodayModule);
today.connectMicroservice({ strategy: today.get(NatsJetStreamServer) });
today.enableShutdownHooks();
await today.startAllMicroservices();
await today.init();
await today.get(NatsJetStreamClientProxy).emitAsync(SOLD, { product: 'Socks', quantity: 9 });
