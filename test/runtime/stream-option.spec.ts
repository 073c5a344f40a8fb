import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamClientProxy, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { order, OrdersStream } from '../support/orders';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

function handler(subject: string, options: JetStreamConsumerOptions, received: unknown[] = []) {
  @Controller()
  class Orders {
    @JetStreamConsumer<unknown>(subject, { durable: 'reader', ...options })
    handle(@Payload() event: unknown): void {
      received.push(event);
    }
  }
  return Orders;
}

describe('Option stream', () => {
  it.each([
    ['a mirror', { name: 'COPY', mirror: { name: 'ORDERS' } }, 'order.created'],
    ['an aggregate', { name: 'COPY', sources: [{ name: 'ORDERS' }] }, 'order.created'],
    [
      'a stream with transformed subjects',
      {
        name: 'COPY',
        sources: [{ name: 'ORDERS', subject_transforms: [{ src: 'order.*', dest: 'copy.{{wildcard(1)}}' }] }],
      },
      'copy.created',
    ],
  ])('reads %s', async (_, copy, subject) => {
    const received: unknown[] = [];
    const app = await startTestApp(server.url, {
      controllers: [handler(subject, { stream: 'COPY' }, received)],
      streams: [OrdersStream],
      streamConfig: [copy],
    });
    await app.get(NatsJetStreamClientProxy).emitAsync('order.created', order(1));
    await eventually('everything is handled', () => received.length === 1);
    const { manager } = await probe(server.url);
    expect((await manager.consumers.info('COPY', 'reader')).num_pending).toBe(0);
    await expect(manager.consumers.info('ORDERS', 'reader')).rejects.toThrow('consumer not found');
  });

  it('refuses an invalid stream name', async () => {
    const controllers = [handler('order.created', { stream: 'OR.DERS' })];
    await expect(startTestApp(server.url, { controllers })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: "Option 'stream' cannot be \"OR.DERS\". A stream name has no white space, '.', '*', '>', '/' or '\\'.",
    });
  });

  it('is refused as a default of all consumers', async () => {
    const consumerOptions = { stream: 'COPY' } as object;
    const started = startTestApp(server.url, { controllers: [handler('order.created', {})], consumerOptions });
    await expect(started).rejects.toMatchObject({
      message:
        "Option 'stream' cannot be a default of all consumers, because every handler would read this stream. " +
        'Give it to @JetStreamConsumer(subject, { stream }).',
    });
  });
});
