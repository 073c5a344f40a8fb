import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  defineStream,
  NatsJetStreamClientProxy,
  NatsJetStreamTransport,
  type NatsJetStreamTransportAsyncOptions,
} from '@nest-jetstream/transport';
import { OrdersStream } from '../support/orders';

@Module({})
class AppModule {}

class Unfinished {
  createNatsJetStreamOptions(): unknown {
    return undefined;
  }
}
class NoFactory {
  readonly id = 'shop';
}

@Module({ providers: [Unfinished], exports: [Unfinished] })
class SettingsModule {}

const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) });

async function start(options: unknown): Promise<void> {
  const transport = NatsJetStreamTransport.registerAsync(options as NatsJetStreamTransportAsyncOptions);
  const root = { module: AppModule, imports: [transport] };
  const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  await app.close();
}

describe('registerAsync', () => {
  it.each<[string, unknown, string]>([
    [
      'a factory that returns undefined',
      { useFactory: () => undefined },
      'useFactory of registerAsync() returned undefined',
    ],
    [
      'a factory that resolves to null',
      { connection: 'billing', useFactory: async () => null },
      'useFactory of registerAsync({ connection: "billing" }) returned null. Return an object',
    ],
    ['a factory that returns an address', { useFactory: () => 'nats://a:secret@b' }, 'returned a string'],
    ['a factory that returns a list', { useFactory: () => [] }, 'returned an array'],
    [
      'a class that returns undefined',
      { useClass: Unfinished },
      'createNatsJetStreamOptions() of useClass of registerAsync() returned undefined',
    ],
    [
      'an existing provider that returns undefined',
      { imports: [SettingsModule], useExisting: Unfinished },
      'createNatsJetStreamOptions() of useExisting of registerAsync() returned undefined',
    ],
    ['a class without the method', { useClass: NoFactory }, 'has no method createNatsJetStreamOptions()'],
    ['a factory that is not a function', { useFactory: {} }, "'useFactory' of registerAsync() is an object"],
    ['a class that is null', { useClass: null }, "'useClass' of registerAsync() is null"],
    ['no options', undefined, 'The argument of registerAsync() must be an object, but it is undefined'],
  ])('refuses %s', async (_what, options, message) => {
    const failure: unknown = await start(options).catch((error: unknown) => error);

    expect(failure).toEqual(invalid(message));
    expect(String(failure)).not.toContain('secret');
  });
});

describe('Options that are null or undefined', () => {
  it.each<[string, () => unknown, string]>([
    [
      'servers',
      () => new NatsJetStreamClientProxy({ connectionOptions: { servers: null as never } }),
      'connectionOptions.servers',
    ],
    ['jetStreamOptions', () => new NatsJetStreamClientProxy({ jetStreamOptions: null as never }), 'jetStreamOptions'],
    ['streamConfig', () => new NatsJetStreamClientProxy({ streamConfig: null as never }), 'A declared stream is null'],
    [
      'register',
      () => NatsJetStreamTransport.register(null as never),
      'The argument of register() must be an object, but it is null',
    ],
    [
      'forFeature',
      () => NatsJetStreamTransport.forFeature(undefined as never),
      'The argument of forFeature() must be an object',
    ],
    ['streams', () => NatsJetStreamTransport.forFeature({} as never), "'streams' of forFeature() is undefined"],
    [
      'a stream of an import cycle',
      () => NatsJetStreamTransport.forFeature({ streams: [OrdersStream, undefined] as never }),
      'A declared stream is undefined',
    ],
    ['defineStream', () => defineStream(undefined as never), 'The argument of defineStream() must be an object'],
    ['subjects', () => defineStream({ name: 'A', subjects: null as never }), "Option 'subjects' cannot be null"],
  ])('are refused: %s', (_what, use, message) => {
    expect(use).toThrow(invalid(message) as Error);
  });
});
