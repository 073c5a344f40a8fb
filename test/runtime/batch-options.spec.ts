import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  type ConsumerDefaults,
  type JetStreamBatchConsumerOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled, probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

async function start(options: object, sizes: number[] = [], consumerOptions: ConsumerDefaults = {}): Promise<void> {
  // Typed loosely, because options that the types refuse are tested too.
  const batchOptions = options as JetStreamBatchConsumerOptions;
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', ...batchOptions })
    handle(events: unknown[]): void {
      sizes.push(events.length);
    }
  }
  await startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream], consumerOptions });
}

describe('Options of batch handlers', () => {
  const batch = { size: 100 };
  it.each<[string, object, string]>([
    ['a number', { batch: 100 }, "Option 'batch' cannot be 100. Pass an object such as { size: 100, timeout: '1s' }."],
    ['no size', { batch: {} }, "Option 'batch.size' cannot be undefined. Pass a whole number from 1 up"],
    ['a size of 0', { batch: { size: 0 } }, "'batch.size' cannot be 0"],
    ['a timeout of 0', { batch: { size: 1, timeout: 0 } }, "'batch.timeout' cannot be 0"],
    [
      'an unknown option',
      { batch: { size: 1, wait: 1 } },
      "Unknown option 'batch.wait'. Known options: size, timeout.",
    ],
    [
      'a prefetch below the batch size',
      { batch, prefetch: 99 },
      "A batch of 100 never fills up, because 'prefetch' is 99. Raise prefetch or lower 'batch.size'.",
    ],
    [
      'maxMessages below the batch size',
      { batch, maxMessages: 9 },
      "A batch of 100 never fills up, because 'prefetch' is 9.",
    ],
    [
      'a maxAckPending below the batch size',
      { batch, maxAckPending: 9 },
      "A batch of 100 never fills up, because 'maxAckPending' is 9. Raise maxAckPending",
    ],
    [
      'a size above the maxAckPending of a push consumer',
      { batch: { size: 1_001 }, deliverTo: 'in' },
      "'maxAckPending' is 1000",
    ],
    [
      'a misspelled option',
      { batch: { size: 1, timout: 9 } },
      "Unknown option 'batch.timout'. Did you mean 'timeout'?",
    ],
    [
      'orderBy',
      { batch, orderBy: () => 'key' },
      "'orderBy' and 'batch' cannot be combined, because a batch has messages of many keys",
    ],
    [
      'orderedConsumer',
      { batch, durable: false, orderedConsumer: true },
      "'batch' and 'orderedConsumer' cannot be combined, because an ordered consumer handles one",
    ],
  ])('refuses %s and names the remedy', async (_what, options, message) => {
    await expect(start(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(message),
    });
  });

  it('refuses batch as a default of all consumers', async () => {
    @Controller()
    class Orders {
      @EventPattern(ORDER_CREATED)
      handle(_event: unknown): void {}
    }
    const consumerOptions = { batch } as ConsumerDefaults;
    const started = startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream], consumerOptions });
    await expect(started).rejects.toMatchObject({
      message: expect.stringContaining(
        "Option 'batch' cannot be a default of all consumers, because it would turn the event of every handler into an array.",
      ),
    });
  });

  it.each([
    ['up to maxAckPending by default', { batch }, 1_000],
    ['four times the running messages by default', { batch: { size: 5 }, concurrency: 2 }, 40],
    ['up to a raised maxAckPending', { batch: { size: 2_000 }, maxAckPending: 5_000, concurrency: 1 }, 5_000],
    ['the number given by prefetch', { batch, prefetch: 100 }, 100],
  ])('prefetches %s', async (_what, options, expected) => {
    const jetStream = await probe(server.url);
    const requested: number[] = [];
    jetStream.connection.subscribe('$JS.API.CONSUMER.MSG.NEXT.ORDERS.orders', {
      callback: (_, message) => void requested.push(message.json<{ batch: number }>().batch),
    });
    await jetStream.connection.flush();
    await start(options);
    await eventually('the first pull request arrives', () => requested.length > 0);
    expect(requested).toEqual([expected]);
  });

  it('fills batches repeatedly with a prefetch of one batch', async () => {
    const jetStream = await probe(server.url);
    const sizes: number[] = [];
    await start({ batch: { size: 20, timeout: '5m' }, prefetch: 20 }, sizes);
    const ids = Array.from({ length: 100 }, (_, id) => id);
    for (const id of ids) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
    expect(sizes).toEqual([20, 20, 20, 20, 20]);
  });

  it('applies default consumer options to batch handlers', async () => {
    const jetStream = await probe(server.url);
    await start({ batch: { size: 2 } }, [], { sample: 7 });
    expect((await jetStream.manager.consumers.info('ORDERS', 'orders')).config.sample_freq).toBe('7%');
  });
});
