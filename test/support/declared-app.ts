import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type JetStreamConsumerOptions,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders';

/** Durable of the handler of {@link declaredApp}. */
export const DECLARED_DURABLE = 'shop-order-created';

export interface Declared extends Pick<
  NatsJetStreamTransportOptions,
  'provisioning' | 'connectionOptions' | 'jetStreamOptions'
> {
  readonly stream?: Partial<Parameters<typeof defineStream>[0]>;
  readonly consumer?: JetStreamConsumerOptions;
}

/** Returns the root module of a service `shop` that declares one stream and one consumer. */
export function declaredApp(servers: string, { stream = {}, consumer = {}, ...options }: Declared = {}): Type {
  @Controller()
  class Orders {
    @JetStreamConsumer<OrderCreatedEvent>(ORDER_CREATED, { durable: DECLARED_DURABLE, ...consumer })
    handle(): void {}
  }
  @Module({
    imports: [
      NatsJetStreamTransport.register({ id: 'shop', connectionOptions: { servers }, ...options }),
      NatsJetStreamTransport.forFeature({
        streams: [defineStream({ name: 'ORDERS', subjects: [ORDER_CREATED], ...stream })],
      }),
    ],
    controllers: [Orders],
  })
  class AppModule {}
  return AppModule;
}

/** Starts an application and closes it. Throws the error of its start. */
export async function startAndClose(root: Type): Promise<void> {
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  try {
    app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
    await app.startAllMicroservices();
    await app.init();
  } finally {
    await app.close();
  }
}
