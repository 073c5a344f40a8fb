import { Controller, type INestApplicationContext } from '@nestjs/common';
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type JetStreamConsumerOptions,
  type StreamOptions,
} from '@nest-jetstream/transport';
import { watchWrites } from '../support/api-writes';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, order } from '../support/orders';

const DURABLE = 'order-created';

interface Version {
  readonly subjects: readonly string[];
  readonly stream?: Partial<
    Omit<StreamOptions<readonly string[], Record<string, string>>, 'subjects' | 'name' | 'events'>
  >;
  readonly consumer?: JetStreamConsumerOptions;
}

const OLD: Version = {
  subjects: ['order.*'],
  stream: { description: 'old', maxMessages: 100 },
  consumer: { description: 'old', ackWait: '1s', maxAckPending: 100 },
};
const NEW: Version = {
  subjects: ['order.*', 'returned.*'],
  stream: { description: 'new', maxMessages: 200 },
  consumer: { description: 'new', ackWait: '2s', maxAckPending: 200 },
};

let server: TestServer;
let jetStream: JetStreamProbe;
let handled: number[];
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
  handled = [];
});

function start({ subjects, stream, consumer }: Version, url = server.url): Promise<INestApplicationContext> {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE, ...consumer })
    handle({ id }: { id: number }): void {
      handled.push(id);
    }
  }
  return startTestApp(url, {
    controllers: [OrderCreatedConsumer],
    streams: [defineStream({ name: 'ORDERS', subjects, ...stream })],
    connectionOptions: { servers: url, reconnectTimeWait: 50 },
    jetStreamOptions: { timeout: 500 },
  });
}

describe('Two versions of a service', () => {
  it('change nothing once both have started, even after reconnects and a deletion', async () => {
    const proxy = await startProxy(server.url);
    const [old] = [await start(OLD, proxy.url), await start(NEW, proxy.url)];
    const client = old.get(NatsJetStreamClientProxy);
    const writes = await watchWrites(jetStream);
    for (let id = 1; id <= 3; id++) {
      proxy.cut();
      await client.emitAsync(ORDER_CREATED, order(id));
      await eventually('everything is handled', () => handled.includes(id));
    }
    expect(writes).toEqual([]);
    await jetStream.manager.consumers.delete('ORDERS', DURABLE);
    await client.emitAsync(ORDER_CREATED, order(4));
    await eventually('the recreated consumer handles the event', () => handled.includes(4));
    const { created } = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    for (let id = 5; id <= 6; id++) {
      proxy.cut();
      await client.emitAsync(ORDER_CREATED, order(id));
      await eventually('everything is handled', () => handled.includes(id));
    }
    expect((await jetStream.manager.consumers.info('ORDERS', DURABLE)).created).toBe(created);
    const beside = writes.filter((subject) => !/\.CONSUMER\.(DURABLE\.CREATE|CREATE|DELETE)\./.test(subject));
    expect(beside).toEqual([]);
    // Each of the two may try to create the consumer, and neither updates it afterwards.
    expect(writes.length).toBeLessThanOrEqual(3);
  });

  it('can start at the same time, and one configuration wins', async () => {
    await Promise.all([start({ ...OLD, stream: {} }), start({ ...NEW, stream: {} })]);
    const { config } = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    expect([1e9, 2e9]).toContain(config.ack_wait);
  });

  it('keep the subjects of both, whatever the start order', async () => {
    for (const version of [OLD, { ...NEW, stream: {} }, { ...OLD, stream: {} }, { ...NEW, stream: {} }])
      await (await start(version)).close();
    const { config } = await jetStream.manager.streams.info('ORDERS');
    expect(config.subjects).toEqual(['order.*', 'returned.*']);
  });

  it('do not let the older one undo a limit that the newer one raised', async () => {
    await (await start(OLD)).close();
    await start(NEW);
    await expect(start(OLD)).rejects.toMatchObject({ code: 'STREAM_DRIFT', drift: [{ field: 'max_msgs' }] });
    expect((await jetStream.manager.streams.info('ORDERS')).config.max_msgs).toBe(200);
  });
});
