import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  NatsJetStreamClientProxy,
  NatsJetStreamTransport,
  type NatsJetStreamOptionsFactory,
  type NatsJetStreamTransportAsyncOptions,
} from '@nest-jetstream/transport';
import { startTestServer } from '../support/nats-server';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

let url = '';

@Injectable()
class Settings implements NatsJetStreamOptionsFactory {
  createNatsJetStreamOptions() {
    return { id: 'test', connectionOptions: { servers: url } };
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Module({})
class AppModule {
  static with(transport: DynamicModule): DynamicModule {
    return { module: AppModule, imports: [transport, NatsJetStreamTransport.forFeature({ streams: [OrdersStream] })] };
  }
}

describe('registerAsync', () => {
  beforeAll(async () => {
    ({ url } = await startTestServer());
  });

  it.each<[string, NatsJetStreamTransportAsyncOptions]>([
    [
      'a factory with injected providers',
      {
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: async (settings: Settings) => settings.createNatsJetStreamOptions(),
      },
    ],
    ['a class', { useClass: Settings }],
    ['an existing provider', { imports: [SettingsModule], useExisting: Settings }],
  ])('takes its options from %s', async (_what, options) => {
    const root = AppModule.with(NatsJetStreamTransport.registerAsync(options));
    const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    try {
      const ack = await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
      expect(ack.stream).toBe('ORDERS');
    } finally {
      await app.close();
    }
  });

  it.each<[NatsJetStreamTransportAsyncOptions]>([[{}], [{ useClass: Settings, useExisting: Settings }]])(
    'refuses anything but one source of options: %p',
    (options) => {
      expect(() => NatsJetStreamTransport.registerAsync(options)).toThrow('exactly one of useFactory');
    },
  );
});
