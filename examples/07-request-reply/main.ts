import {
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  NoResponderError,
} from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PricesController } from './prices.controller.js';

@Module({ imports: [NatsJetStreamTransport.register({ id: 'prices' })], controllers: [PricesController] })
class AppModule {}

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

const client = app.get(NatsJetStreamClientProxy);
console.log('Socks:', await client.request('price.of', { product: 'Socks' }, { timeout: '2s' }));
await client.request('price.of', { product: 'Moon' }).catch((error: unknown) => console.log('Moon:', error));
await client.request('stock.of', { product: 'Socks' }).catch((error: unknown) => {
  if (error instanceof NoResponderError) console.log(`${error.code}: the stock service is not running`);
});
