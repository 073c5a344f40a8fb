import {
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  NoResponderError,
} from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PricesController } from './prices.controller.js';
import { ASK_PRICE, COUNT_STOCK } from './prices.requests.js';

@Module({ imports: [NatsJetStreamTransport.register({ id: 'prices' })], controllers: [PricesController] })
class AppModule {}

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

const client = app.get(NatsJetStreamClientProxy);
const { euros } = await client.request(ASK_PRICE, { product: 'Socks' }, { timeout: '2s' });
console.log('Socks:', euros);
await client.request(ASK_PRICE, { product: 'Moon' }).catch((error: unknown) => console.log('Moon:', error));
await client.request(COUNT_STOCK, { product: 'Socks' }).catch((error: unknown) => {
  if (error instanceof NoResponderError) console.log(`${error.code}: the stock service is not running`);
});
