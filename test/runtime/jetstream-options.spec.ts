import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import type { JetStreamOptions } from '@nats-io/jetstream';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

describe('jetStreamOptions', () => {
  let folder: string;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nats-domain-'));
    const file = join(folder, 'server.conf');
    await writeFile(file, 'jetstream { domain: hub }');
    ({ url } = await startTestServer({ extraArguments: ['-c', file] }));
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it.each<[string, JetStreamOptions]>([
    ['domain', { domain: 'hub' }],
    ['apiPrefix', { apiPrefix: '$JS.hub.API' }],
  ])('reaches the API of a domain with %s', async (_option, jetStreamOptions) => {
    const handled: number[] = [];
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, { durable: false, deliverPolicy: 'New' })
      handle({ id }: OrderCreatedEvent): void {
        handled.push(id);
      }
    }
    const app = await startTestApp(url, {
      controllers: [Orders],
      streams: [OrdersStream],
      jetStreamOptions: Object.freeze(jetStreamOptions),
    });
    expect(await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(7))).toMatchObject({ domain: 'hub' });
    await eventually('everything is handled', () => handled.includes(7));
  });

  it('fails startup with a domain that the server does not have', async () => {
    const starting = startTestApp(url, { streams: [OrdersStream], jetStreamOptions: { domain: 'moon', timeout: 300 } });
    await expect(starting).rejects.toMatchObject({
      code: 'JETSTREAM_DISABLED',
      message: "JetStream does not answer at '$JS.moon.API'. Check 'domain' and 'apiPrefix' of jetStreamOptions.",
    });
  });

  it('limits each publish attempt with timeout', async () => {
    const proxy = await startProxy(url);
    const app = await startTestApp(proxy.url, { streams: [OrdersStream], jetStreamOptions: { timeout: 100 } });
    proxy.freeze();
    await expect(app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1))).rejects.toMatchObject({
      code: 'PUBLISH_TIMEOUT',
      message: expect.stringMatching(/within \d+ ms/),
    });
    proxy.cut();
  });

  it('prefixes the subjects of push consumers with watcherPrefix', async () => {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', deliverGroup: 'shop' })
      handle(): void {}
    }
    const connectionOptions = { servers: url, inboxPrefix: '_INBOX_shop' };
    const jetStreamOptions = { watcherPrefix: 'watch.shop' };
    await startTestApp(url, { connectionOptions, jetStreamOptions, controllers: [Orders], streams: [OrdersStream] });
    const { manager } = await probe(url);
    const { config } = await manager.consumers.info('ORDERS', 'orders');
    expect(config.deliver_subject).toBe('watch.shop.orders');
  });

  it.each<[string, object]>([
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: '5 s' }],
    ['domain', { domain: '' }],
    ['apiPrefix', { apiPrefix: 7 }],
    ['apiPrefix', { apiPrefix: '$JS.hub.API', domain: 'hub' }],
    ['checkAPI', { checkAPI: true }],
  ])('refuses an invalid %s: %j', (option, jetStreamOptions) => {
    expect(() => new NatsJetStreamClientProxy({ jetStreamOptions })).toThrow(`'jetStreamOptions.${option}'`);
  });

  it('reports invalid options together with those of other objects', () => {
    const options = { jetStreamOptions: { timeout: 0 }, connectionOptions: { port: 0 }, streamConfig: { max_age: 1 } };
    expect(() => new NatsJetStreamClientProxy(options)).toThrow(
      /3 options cannot be used[^]*streamConfig[^]*jetStreamOptions.timeout[^]*connectionOptions.port/,
    );
  });
});
