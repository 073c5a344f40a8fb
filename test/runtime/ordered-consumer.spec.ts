import { Controller } from '@nestjs/common';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  TerminateError,
  type ConsumerDefaults,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

type Handle = (event: OrderCreatedEvent) => void | Promise<void>;

function handlerWith(options: JetStreamConsumerOptions, handle: Handle) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, ...options })
    handle(event: OrderCreatedEvent): void | Promise<void> {
      return handle(event);
    }
  }
  return OrderCreatedConsumer;
}

let server: TestServer;
let jetStream: JetStreamProbe;
let client: NatsJetStreamClientProxy;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
  client = (
    await startTestApp(server.url, { streams: [OrdersStream], connectionOptions: fastReconnect(server.url) })
  ).get(NatsJetStreamClientProxy);
});

const fastReconnect = (url: string) => ({ servers: url, reconnectTimeWait: 50 });

const start = (options: JetStreamConsumerOptions, handle: Handle, defaults: ConsumerDefaults = {}, url = server.url) =>
  startTestApp(url, {
    controllers: [handlerWith(options, handle)],
    streams: [OrdersStream],
    connectionOptions: fastReconnect(url),
    jetStreamOptions: { timeout: 500 },
    consumerOptions: defaults,
  });

async function publish(...ids: number[]): Promise<void> {
  for (const id of ids) await client.emitAsync(ORDER_CREATED, order(id));
}

async function consumerNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of jetStream.manager.consumers.list('ORDERS')) names.push(name);
  return names;
}

describe('Ordered consumer', () => {
  it('delivers every message in order to each instance at every start, and leaves no consumer behind', async () => {
    await publish(1, 2, 3);
    for (let instance = 0; instance < 2; instance++) {
      const steps: string[] = [];
      const app = await start({}, async ({ id }) => {
        steps.push(`begins ${id}`);
        await new Promise(setImmediate);
        steps.push(`ends ${id}`);
      });
      await eventually('everything is handled', () => steps.length === 6);
      expect(steps).toEqual(['begins 1', 'ends 1', 'begins 2', 'ends 2', 'begins 3', 'ends 3']);
      await app.close();
      expect(await consumerNames()).toEqual([]);
    }
  });

  it.each<[string, JetStreamConsumerOptions, number[]]>([
    ['All', {}, [1, 2, 3, 4]],
    ['New', { deliverPolicy: 'New' }, [4]],
    ['Last', { deliverPolicy: 'Last' }, [3, 4]],
    ['LastPerSubject', { deliverPolicy: 'LastPerSubject' }, [3, 4]],
    ['a sequence', { startSequence: 2 }, [2, 3, 4]],
    ['a time', { startTime: new Date(0) }, [1, 2, 3, 4]],
  ])('starts at %s, even if the server restarts', async (_, options, expected) => {
    await publish(1, 2, 3);
    const received: number[] = [];
    const isNew = expected.length === 1;
    await start(options, ({ id }) => void received.push(id));
    if (!isNew) await eventually('the stored events are handled', () => received.length === expected.length - 1);
    await server.stop();
    await server.restart();
    await publish(4);
    await eventually('everything is handled', () => received.includes(4));
    expect(received).toEqual(expected);
  });

  it('continues at its position after its consumer was deleted', async () => {
    const received: number[] = [];
    await start({}, ({ id }) => void received.push(id));
    await publish(1, 2);
    await eventually('two events are handled', () => received.length === 2);
    for (const name of await consumerNames()) await jetStream.manager.consumers.delete('ORDERS', name);
    await publish(3);
    await eventually('the third event is handled', () => received.length === 3);
    expect(received).toEqual([1, 2, 3]);
  });

  it('starts at the beginning of a recreated stream', async () => {
    const received: number[] = [];
    await start({}, ({ id }) => void received.push(id));
    await publish(1, 2);
    await eventually('two events are handled', () => received.length === 2);
    const { config } = await jetStream.manager.streams.info('ORDERS');
    await jetStream.manager.streams.delete('ORDERS');
    await jetStream.manager.streams.add(config);
    await publish(3);
    await eventually('the third event is handled', () => received.length === 3);
    expect(received).toEqual([1, 2, 3]);
  });

  it('does not skip a message that was lost on the wire', async () => {
    const proxy = await startProxy(server.url);
    const received: number[] = [];
    await start({}, ({ id }) => void received.push(id), {}, proxy.url);
    await publish(1);
    await eventually('the first event is handled', () => received.length === 1);
    const lost = proxy.loseOne('toClient', ({ line }) => line.includes(' order.created '));
    await publish(2);
    await lost;
    await publish(3);
    await eventually('three events are handled', () => received.length === 3);
    const alsoLost = proxy.loseOne('toClient', ({ line }) => line.includes(' order.created '));
    await publish(4);
    await alsoLost;
    proxy.cut();
    await eventually('four events are handled', () => received.length === 4);
    expect(received).toEqual([1, 2, 3, 4]);
  });

  it('waits for its handler at shutdown', async () => {
    const gate = new Gate();
    const steps: string[] = [];
    const app = await start({}, async ({ id }) => {
      steps.push(`begins ${id}`);
      await gate.opened;
      steps.push(`ends ${id}`);
    });
    await publish(1, 2);
    await eventually('the handler runs', () => steps.length === 1);
    const closing = app.get(NatsJetStreamServer).close();
    gate.open();
    await closing;
    expect(steps).toEqual(['begins 1', 'ends 1']);
  });

  it.each(['stream', 'off', undefined] as const)('skips a failed message with deadLetter %s', async (deadLetter) => {
    const received: number[] = [];
    const defaults = { maxDeliver: 3, retryDelay: [5], ackWait: '1s' } as const;
    const handle: Handle = ({ id }) => {
      received.push(id);
      if (id === 1) throw new Error('no');
      if (id === 2) throw new TerminateError('never');
    };
    await start(deadLetter === undefined ? {} : { deadLetter }, handle, defaults);
    await publish(1, 2, 3);
    await eventually('every event is handled', () => received.length === 3);
    expect(received).toEqual([1, 2, 3]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(deadLetter === 'stream' ? 2 : 0);
  });

  it.each<[string, JetStreamConsumerOptions]>([
    ['durable', { durable: 'orders' }],
    ['durable', { durable: true }],
    ['deliverTo', { deliverTo: 'in' }],
    ['deliverGroup', { deliverGroup: 'shop' }],
    ['ackPolicy', { ackPolicy: 'Explicit' }],
    ['ackWait', { ackWait: '1s' }],
    ['maxDeliver', { maxDeliver: 7 }],
    ['manualAck', { manualAck: true }],
    ['concurrency', { concurrency: 7 }],
    ['orderBy', { orderBy: () => '' }],
    ['orderAcross', { orderAcross: 'instances' }],
    ['flowControl', { flowControl: true }],
    ['headersOnly', { headersOnly: true, deadLetter: 'stream' }],
  ])('refuses the option %s', async (option, options) => {
    const started = start(options, () => undefined);
    await expect(started).rejects.toMatchObject({ message: expect.stringContaining(`'${option}`) });
  });

  it('reports all unsupported options at once', async () => {
    const started = start({ ackWait: '1s', maxDeliver: 7 }, () => undefined);
    await expect(started).rejects.toMatchObject({ message: expect.stringMatching(/'ackWait'[^]*'maxDeliver'/) });
  });
});
