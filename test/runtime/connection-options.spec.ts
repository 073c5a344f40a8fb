import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type JetStreamConsumerOptions,
  type NatsConnectionOptions,
} from '@nest-jetstream/transport';
import { createClient } from '../support/clients';
import { startDeafServer } from '../support/deaf-server';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';
import { writeFiles } from '../support/server-files';

const connectTo = async (connectionOptions: NatsConnectionOptions): Promise<NatsConnection> =>
  createClient({ connectionOptions }).connect();

/** Creates a controller that handles events and answers requests. */
function ordersWith(options: JetStreamConsumerOptions, handled: number[]) {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, options)
    handle({ id }: OrderCreatedEvent): void {
      handled.push(id);
    }
    @MessagePattern('stock.get')
    stock(): number {
      return 7;
    }
  }
  return Orders;
}

/** Sends a request that the same application answers. */
const ask = async (url: string, noEcho: boolean): Promise<unknown> => {
  const connectionOptions = { servers: url, noEcho };
  const app = await startTestApp(url, {
    connectionOptions,
    controllers: [ordersWith({ durable: false }, [])],
  });
  try {
    return await app.get(NatsJetStreamClientProxy).request('stock.get', {});
  } finally {
    await app.close();
  }
};

/** Returns true if the stack of a publish error names the caller. */
const callerIn = async (url: string, noAsyncTraces: boolean): Promise<boolean> => {
  const proxy = await startProxy(url);
  const options = { connectionOptions: { servers: proxy.url, noAsyncTraces }, jetStreamOptions: { timeout: 50 } };
  const client = createClient(options);
  await client.connect();
  proxy.freeze();
  const error: unknown = await client.emitAsync(ORDER_CREATED, order(1)).catch((reason: unknown) => reason);
  proxy.cut();
  expect(error).toMatchObject({ code: 'PUBLISH_TIMEOUT' });
  return (
    error instanceof Error && error.cause instanceof Error && /connection-options\.spec/.test(error.cause.stack ?? '')
  );
};

describe('connectionOptions', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });

  it.each<[string, NatsConnectionOptions, object]>([
    ['name', { name: 'billing' }, { name: 'billing' }],
    ['verbose', { verbose: true }, { verbose: true }],
    ['pedantic', { pedantic: true }, { pedantic: true }],
    ['noEcho', { noEcho: true }, { echo: false }],
  ])('sends %s to the server', async (_option, options, expected) => {
    const proxy = await startProxy(server.url);
    const greetings = proxy.watch('toServer', ({ line }) => line.startsWith('CONNECT '));
    const handled: number[] = [];
    const app = await startTestApp(proxy.url, {
      connectionOptions: Object.freeze({ servers: proxy.url, ...options }),
      controllers: [ordersWith({ durable: false, deliverPolicy: 'New' }, handled)],
      streams: [OrdersStream],
    });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => handled.length === 1);
    expect(JSON.parse(greetings[0]?.line.slice('CONNECT '.length) ?? '{}')).toMatchObject(expected);
  });

  it('uses the id of the service as the default connection name', async () => {
    const proxy = await startProxy(server.url);
    const greetings = proxy.watch('toServer', ({ line }) => line.startsWith('CONNECT '));
    await createClient({ id: 'shop', connectionOptions: { servers: proxy.url } }).connect();
    expect(greetings[0]?.line).toContain('"name":"shop"');
  });

  it('keeps requests from handlers of the same application with noEcho', async () => {
    expect(await ask(server.url, false)).toBe(7);
    await expect(ask(server.url, true)).rejects.toMatchObject({ code: 'NO_RESPONDER' });
  });

  it('connects to a port of this machine', async () => {
    const connection = await connectTo({ port: Number(new URL(server.url).port) });
    expect(connection.getServer()).toBe(server.url.replace('nats://', ''));
  });

  it('tries the servers in order with noRandomize', async () => {
    const others = await startTestServer({ jetstream: false });
    for (let attempt = 1; attempt <= 3; attempt++) {
      const servers = [server.url, ...Array.from({ length: 7 }, () => others.url)];
      const connection = await connectTo({ servers, noRandomize: true });
      expect(connection.getServer()).toBe(server.url.replace('nats://', ''));
    }
  });

  it('lets reconnectToServer choose the server', async () => {
    const others = await startTestServer({ jetstream: false });
    const port = Number(new URL(others.url).port);
    const connection = await connectTo({
      servers: [server.url, others.url],
      noRandomize: true,
      reconnectToServer: (servers) => servers.find((one) => one.port === port) ?? null,
    });
    expect(connection.getServer()).toBe(others.url.replace('nats://', ''));
  });

  it.each<[string, boolean]>([
    ['ignoreClusterUpdates', true],
    ['ignoreClusterUpdates: false', false],
  ])('discovers servers of the cluster according to %s', async (_option, ignore) => {
    const [first, second] = await startCluster();
    let pauses = 0;
    const connection = await connectTo({
      servers: first.url,
      ignoreClusterUpdates: ignore,
      reconnectDelayHandler: () => {
        pauses++;
        return 20;
      },
    });
    await eventually('the server announces both', () => (connection.info?.connect_urls ?? []).length === 2);
    await first.stop();
    const before = pauses;
    if (ignore) {
      await eventually('the client retries', () => pauses > before + 3);
      await first.restart();
    }
    await eventually('the client is connected', async () => connection.rtt().then(Boolean, () => false));
    expect(connection.getServer()).toBe((ignore ? first : second).url.replace('nats://', ''));
  });

  it('limits an attempt to connect with timeout', async () => {
    const { url } = await startDeafServer('silence');
    const client = createClient({ connectionOptions: { servers: url, timeout: '100ms', waitOnFirstConnect: false } });
    await expect(client.connect()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('timeout'),
    });
  });

  it('prints the protocol with debug, and resolves host names with resolve', async () => {
    const printed: string[] = [];
    const print = (text: unknown): void => void printed.push(String(text));
    const spies = [
      jest.spyOn(console, 'info').mockImplementation(print),
      jest.spyOn(console, 'log').mockImplementation(print),
    ];
    const servers = server.url.replace('127.0.0.1', 'localhost');
    const resolutions = async (resolve: boolean): Promise<string[]> => {
      printed.length = 0;
      const client = createClient({ connectionOptions: { servers, debug: true, resolve } });
      await client.connect();
      await client.close();
      expect(printed.some((line) => line.startsWith('< CONNECT '))).toBe(true);
      return printed.filter((line) => line.startsWith('resolve localhost ='));
    };
    expect(await resolutions(true)).toHaveLength(1);
    expect(await resolutions(false)).toEqual([]);
    for (const spy of spies) spy.mockRestore();
  });

  it('adds the caller to the stack of an error with noAsyncTraces: false', async () => {
    expect(await callerIn(server.url, true)).toBe(false);
    expect(await callerIn(server.url, false)).toBe(true);
  });

  it.each<[string, JetStreamConsumerOptions]>([
    ['pull consumer', {}],
    ['push consumer', { deliverGroup: 'shop' }],
    ['ordered consumer', { orderedConsumer: true }],
    ['consumer with dead letters', { maxDeliver: 2 }],
  ])('subscribes only below inboxPrefix with a %s', async (_how, options) => {
    const { conf } = await writeFiles({
      conf: `authorization { users: [{ user: shop, password: "r1ght", permissions: {
        publish: [">"], subscribe: ["_INBOX_shop.>", "stock.get"]
      } }] }`,
    });
    const { url } = await startTestServer({ extraArguments: ['-c', conf] });
    const handled: number[] = [];
    const app = await startTestApp(url, {
      connectionOptions: { servers: url, user: 'shop', pass: 'r1ght', inboxPrefix: '_INBOX_shop' },
      controllers: [ordersWith(options, handled)],
      streams: [OrdersStream],
    });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => handled.length === 1);
    expect(await client.request('stock.get', {})).toBe(7);
  });
});

/** Starts two servers that announce each other to clients. */
async function startCluster(): Promise<[TestServer, TestServer]> {
  const route = `nats://127.0.0.1:${await freePort()}`;
  const start = async (listen: string): Promise<TestServer> => {
    const extraArguments = ['--cluster_name', 'pair', '--cluster', listen, '--routes', route];
    return startTestServer({ jetstream: false, extraArguments });
  };
  return [await start(route), await start('nats://127.0.0.1:-1')];
}
