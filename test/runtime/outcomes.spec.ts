import { Controller, Logger } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  GeneratorHandlerError,
  JetStreamConsumer,
  Outcome,
  RetryError,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const log: string[] = [];
const sink = (text: unknown): void => void log.push(String(text));

type Decide = (context: NatsJetStreamContext) => unknown;

describe('Handler outcome', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  let deliveries: number[];

  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    deliveries = [];
    log.length = 0;
  });

  /** Runs one message through a handler until it is settled. */
  async function handleOne(decide: Decide): Promise<void> {
    @Controller()
    class Deciding {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: 'deciding',
        retryDelay: ['1h'],
        terminateOn: [GeneratorHandlerError],
      })
      async handle(@Payload() _event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<unknown> {
        deliveries.push(context.deliveryCount);
        return decide(context);
      }
    }
    await startTestApp(server.url, { controllers: [Deciding], streams: [OrdersStream] });
    Logger.overrideLogger({ log: sink, warn: sink, error: sink });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually(
      'every message is settled',
      async () => deliveries.length > 0 && isSettled(jetStream, 'ORDERS', 'deciding'),
    );
    Logger.overrideLogger(false);
  }

  it('redelivers the message after the delay of Outcome.retry', async () => {
    await handleOne(({ redelivered }) => (redelivered ? Outcome.ack() : Outcome.retry({ delay: 20 })));
    expect(deliveries).toEqual([1, 2]);
  });

  it.each([
    ['a generator', function* (): Generator<never> {}],
    ['an async generator', async function* (): AsyncGenerator<never> {}],
  ])('dead-letters a message whose handler is %s', async (_what, generator) => {
    await handleOne(() => generator());
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(letter?.header.get('Dead-Letter-Reason')).toContain('Deciding.handle is a generator');
  });

  it('redelivers the message after the delay of a RetryError', async () => {
    await handleOne(({ redelivered }) => {
      if (!redelivered) throw new RetryError('busy', { delay: '20ms' });
    });
    expect(deliveries).toEqual([1, 2]);
    expect(log.join('\n')).toContain('RetryError: busy. Retrying in 20 ms');
  });

  it('dead-letters the message at once with Outcome.terminate', async () => {
    await handleOne(() => Outcome.terminate('not ours'));
    expect(deliveries).toEqual([1]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(1);
  });

  it('ignores and logs a second decision', async () => {
    await handleOne(async (context) => {
      await context.ack();
      await context.terminate('too late');
    });
    expect(deliveries).toEqual([1]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    expect(log.join('\n')).toContain("is already settled. 'terminate' has no effect");
  });

  it('ignores and logs a failure after the decision', async () => {
    await handleOne((context) => {
      context.message.ack();
      throw new Error('after all was done');
    });
    await eventually('the failure is logged', () => log.some((line) => line.includes('failed after it had settled')));
    expect(deliveries).toEqual([1]);
  });
});
