import { Controller } from '@nestjs/common';
import { DEAD_LETTER_HEADERS, JetStreamConsumer, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { logLines } from '../support/log-lines';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const ADVISORY = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ORDERS.silent';

function silentConsumer(options: JetStreamConsumerOptions = {}) {
  @Controller()
  class Silent {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'silent', maxDeliver: 2, ackWait: 200, ...options })
    async handle(): Promise<void> {
      await new Promise(() => undefined);
    }
  }
  return Silent;
}

/** Succeeds with the orders before one. */
function silentFrom(first: number) {
  @Controller()
  class Silent {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'silent', maxDeliver: 2, ackWait: '1m', concurrency: 1, prefetch: 1 })
    async handle({ id }: OrderCreatedEvent): Promise<void> {
      if (id >= first) await new Promise(() => undefined);
    }
  }
  return Silent;
}

describe('a message that no process lives to report', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
  });

  /** Takes a message as often as it is delivered and never answers, as a process does that dies of it each time. */
  async function dieOfEachDelivery(): Promise<void> {
    let advisories = 0;
    jetStream.connection.subscribe(ADVISORY, { callback: () => void advisories++ });
    const consumer = await jetStream.client.consumers.get('ORDERS', 'silent');
    for (let delivery = 1; delivery <= 2; delivery++) {
      const message = await consumer.next({ expires: 5_000 });
      expect(message?.info.deliveryCount).toBe(delivery);
    }
    // The server reports it when it would deliver a third time, and somebody asks.
    await consumer.next({ expires: 1_000 });
    await eventually('reported', () => advisories === 1);
  }

  async function expectOneDeadLetter(): Promise<void> {
    await eventually('a dead letter', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(letter?.subject).toBe('dead.ORDERS.silent.1');
    expect(new TextDecoder().decode(letter?.data)).toBe(JSON.stringify(order(1)));
    expect(letter?.header.get(DEAD_LETTER_HEADERS.reason)).toContain('No process lived');
    expect(letter?.header.get(DEAD_LETTER_HEADERS.deliveries)).toBe('2');
  }

  it('gets to the dead letters when its handler hangs beyond maxProcessingTime at every delivery', async () => {
    const controllers = [silentConsumer({ maxProcessingTime: 100 })];
    await startTestApp(server.url, { controllers, streams: [OrdersStream], gracePeriod: 1 });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await expectOneDeadLetter();
  });

  it('gets there by whichever instance comes later, and once', async () => {
    const options = { controllers: [silentConsumer()], streams: [OrdersStream], gracePeriod: 1 };
    await (await startTestApp(server.url, options)).close();
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await dieOfEachDelivery();
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);

    await Promise.all([startTestApp(server.url, options), startTestApp(server.url, options)]);
    await expectOneDeadLetter();
    // The same advisory again, long after: the server itself refuses a second copy.
    const advisories = await jetStream.manager.streams.getMessage('JETSTREAM_ADVISORIES', { seq: 1 });
    await jetStream.client.publish(ADVISORY, advisories?.data);
    await eventually('followed', async () => {
      const [reader] = await jetStream.manager.consumers.list('JETSTREAM_ADVISORIES').next();
      return reader?.ack_floor.stream_seq === 2;
    });
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(1);
  });

  it('is taken out of a work queue, which would keep it for ever', async () => {
    const streamConfig = { name: 'ORDERS', subjects: ['order.>'], retention: 'workqueue' as const };
    const controllers = [silentConsumer({ maxProcessingTime: 100 })];
    await startTestApp(server.url, { controllers, streamConfig, gracePeriod: 1 });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await expectOneDeadLetter();
    await eventually('taken out', async () => (await jetStream.manager.streams.info('ORDERS')).state.messages === 0);
  });

  /** Regression: the advisory was taken for a false one, and the message was nobody's any more. */
  it('gets there although the consumer is deleted, and not made anew yet, when the advisory is read', async () => {
    const { logger, lines } = logLines();
    const { consumers } = jetStream.manager;
    await startTestApp(server.url, { controllers: [silentFrom(2)], streams: [OrdersStream], gracePeriod: 1, logger });
    for (const id of [1, 2]) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
    // With its hands full it asks for nothing, and learns of it by looking after its consumer from time to time.
    await eventually('it has the second', async () => {
      const { ack_floor, num_ack_pending } = await consumers.info('ORDERS', 'silent');
      return ack_floor.stream_seq === 1 && num_ack_pending === 1;
    });
    await consumers.delete('ORDERS', 'silent');
    const advisory = { stream: 'ORDERS', consumer: 'silent', stream_seq: 1, deliveries: 2 };
    await jetStream.client.publish(ADVISORY, JSON.stringify(advisory));
    await eventually('it waits', () => lines.some((line) => line.includes('about to be made anew')));
    await expectOneDeadLetter();
  });

  it.each([
    ['no JSON', 'hello'],
    ['no advisory', JSON.stringify({ stream: 1 })],
    [
      'a message that was never delivered',
      JSON.stringify({ stream: 'ORDERS', consumer: 'silent', stream_seq: 1, deliveries: 2 }),
    ],
    [
      'a message that is not there',
      JSON.stringify({ stream: 'ORDERS', consumer: 'silent', stream_seq: 9, deliveries: 2 }),
    ],
    [
      'a consumer that is not there',
      JSON.stringify({ stream: 'ORDERS', consumer: 'other', stream_seq: 1, deliveries: 2 }),
    ],
  ])('is not made up by a forged advisory: %s', async (_what, forged) => {
    await startTestApp(server.url, { controllers: [silentConsumer()], streams: [OrdersStream], gracePeriod: 1 });
    await jetStream.client.publish('order.deleted', JSON.stringify(order(1)));
    await jetStream.client.publish(ADVISORY, forged);
    await eventually('read', async () => {
      const [reader] = await jetStream.manager.consumers.list('JETSTREAM_ADVISORIES').next();
      return reader?.ack_floor.stream_seq === 1;
    });
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(1);
  });
});
