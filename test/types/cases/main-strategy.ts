import { NatsJetStreamServer } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomStrategy, MicroserviceOptions } from '@nestjs/microservices';

@Module({})
class AppModule {}

export const options: CustomStrategy = {
  strategy: new NatsJetStreamServer({ id: 'test-service', connectionOptions: {}, consumerOptions: { concurrency: 1 } }),
};

export async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  app.connectMicroservice(options);
  await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, options);
}

new NatsJetStreamServer({ id: 1 }); // error: Type 'number' is not assignable to type 'string'
new NatsJetStreamServer({ queue: 'shop' }); // error: 'queue' does not exist in type
