import { Controller, type Type } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { derivedDurable } from '../../runtime/src/util/derived-name';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

const LEGAL = /^[A-Za-z0-9_-]{1,89}$/;

describe('Derived durable name', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  let handled: string[];

  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    handled = [];
  });

  /** Creates a plain handler with the same class and method names for every pattern. */
  function plain(pattern: string): Type {
    @Controller()
    class Orders {
      @EventPattern(pattern)
      handle(_event: unknown): void {
        handled.push(pattern);
      }
    }
    return Orders;
  }

  function typed(pattern: string): Type {
    @Controller()
    class Orders {
      @JetStreamConsumer(pattern)
      handle(_event: unknown): void {
        handled.push(pattern);
      }
    }
    return Orders;
  }

  async function namesOf(options: TestAppOptions): Promise<string[]> {
    const app = await startTestApp(server.url, {
      consumerOptions: { durable: true },
      streams: [OrdersStream],
      ...options,
    });
    const before = handled.length;
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    const { length } = options.controllers ?? [];
    await eventually('every handler handles it', () => new Set(handled.slice(before)).size === length);
    await app.close();
    const names: string[] = [];
    for await (const { name } of jetStream.manager.consumers.list('ORDERS')) names.push(name);
    return names.toSorted();
  }

  it.each([
    ['@EventPattern', plain],
    ['@JetStreamConsumer', typed],
  ])('differs for similar patterns and survives a restart: %s', async (_decorator, make) => {
    const controllers = ['order.*', 'order.>', '*.created', 'order.created'].map(make);
    const names = await namesOf({ controllers });
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(LEGAL);
    handled.length = 0;
    expect(await namesOf({ controllers: controllers.toReversed() })).toEqual(names);
  });

  it.each([
    ['dots and wildcards', 'shop.eu.*', 'shop-eu->'],
    ['white space and slashes', 'my shop/eu\\x\t', 'my-shop-eu-x-'],
    ['letters of other scripts', 'магазин', '商店'],
    ['more characters than a name may have', `${'x'.repeat(300)}a`, `${'x'.repeat(300)}b`],
  ])('is valid and unique for an id of %s', async (_what, id, other) => {
    const controllers = [typed('order.*')];
    expect(await namesOf({ id, controllers })).toEqual([derivedDurable(id, 'order.*', 'Orders.handle')]);
    handled.length = 0;
    const names = await namesOf({ id: other, controllers });
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(LEGAL);
  });

  it.each(['a.b', 'a*', '>', 'a b', 'a/b', 'a\\b', 'a\nb', 'a\u0000b', ''])(
    'does not replace the invalid durable %j, which is refused before a request is sent',
    async (durable) => {
      @Controller()
      class Orders {
        @JetStreamConsumer(ORDER_CREATED, { durable })
        handle(): void {}
      }
      const requests: string[] = [];
      jetStream.connection.subscribe('$JS.API.>', { callback: (_, { subject: api }) => void requests.push(api) });
      await jetStream.connection.flush();
      const start = startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream] });
      await expect(start).rejects.toMatchObject({ code: 'INVALID_OPTION', value: durable });
      await jetStream.connection.flush();
      expect(requests.filter((api) => api.includes('CONSUMER'))).toEqual([]);
    },
  );
});
