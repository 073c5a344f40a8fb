import { BadRequestException, Controller, type PipeTransform, UsePipes } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  DEAD_LETTER_HEADERS,
  JetStreamConsumer,
  NatsJetStreamHealth,
  TerminateError,
  type DeadLetter,
  type JetStreamConsumerOptions,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { headers } from '@nats-io/transport-node';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

function failingWith(fail: () => unknown, options: JetStreamConsumerOptions = {}, deliveries: number[] = []) {
  @Controller()
  class Failing {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'failing', retryDelay: [10], ...options })
    async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
      deliveries.push(context.deliveryCount);
      if (event.id !== 999) await fail();
    }
  }
  return Failing;
}

const rejectWith = (value: unknown) => () => Promise.reject(value);

describe('Dead letter', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
  });

  async function deadLettered(count = 1): Promise<void> {
    await eventually(
      `${count} dead letters are stored`,
      async () => (await deadLettersOf(jetStream, 'ORDERS')).length === count,
    );
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'failing'));
  }

  it('is logged once, with the stack of the failure', async () => {
    const { logger, lines } = logLines();
    const options = { maxDeliver: 2, retryDelay: '10ms' } as const;
    const failing = failingWith(rejectWith(new Error('Out of stock.')), options);
    await startTestApp(server.url, { controllers: [failing], streams: [OrdersStream], logger });
    await jetStream.client.publish('order.created', JSON.stringify(order(7)));
    await deadLettered();
    expect(lines.filter((line) => line.includes('Out of stock'))).toEqual([
      expect.stringMatching(
        /^failing \(Failing\.handle\) .* attempt 1\): Out of stock\. Retrying in \d+ ms\.\nError: Out of stock\.\n +at /,
      ),
      expect.stringMatching(
        /^failing \(Failing\.handle\) .* attempt 2\): Out of stock\. Stored as a dead letter in 'ORDERS_DEAD'\.\nError: Out of stock\.\n +at /,
      ),
    ]);
  });

  it('has the bytes, the headers and the reason of the message after maxDeliver deliveries', async () => {
    const deliveries: number[] = [];
    const failing = failingWith(() => Promise.reject(new TypeError('no such product')), { maxDeliver: 3 }, deliveries);
    await startTestApp(server.url, { controllers: [failing], streams: [OrdersStream] });
    const sent = headers();
    sent.append('tenant', 'a');
    sent.append('tenant', 'b');
    await jetStream.client.publish('order.created', JSON.stringify(order(7)), { headers: sent, msgID: 'order-7' });

    await deadLettered();
    expect(deliveries).toEqual([1, 2, 3]);
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(letter?.subject).toBe('dead.ORDERS.failing.1');
    expect(new TextDecoder().decode(letter?.data)).toBe(JSON.stringify(order(7)));
    expect(letter?.header.values('tenant')).toEqual(['a', 'b']);
    const header = (name: keyof typeof DEAD_LETTER_HEADERS) => letter?.header.get(DEAD_LETTER_HEADERS[name]);
    expect(header('reason')).toBe('TypeError: no such product');
    expect(header('stack')).toContain('dead-letter.spec');
    expect(header('subject')).toBe('order.created');
    expect(header('stream')).toBe('ORDERS');
    expect(header('consumer')).toBe('failing');
    expect(header('sequence')).toBe('1');
    expect(header('deliveries')).toBe('3');
    expect(header('messageId')).toBe('order-7');
    expect(Date.parse(header('storedAt') ?? '')).toBeLessThanOrEqual(Date.now());
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'null was thrown'],
    ['undefined', undefined, 'undefined was thrown'],
    ['a string', 'out of stock', 'out of stock'],
    ['an empty string', '', 'an empty string was thrown'],
    ['an object', { code: 7 }, 'an object without a message was thrown'],
    ['an error with line breaks', new Error('a\r\nNats-Rollup: all\r\n\r\nb'), 'a Nats-Rollup: all b'],
    ['an error without a message', new RangeError(''), 'RangeError'],
    [
      'an object with a throwing getter',
      {
        get message() {
          throw new Error('ha');
        },
      },
      'an object without a message was thrown',
    ],
    ['an error of 100 KB', new Error('x'.repeat(100_000)), `${'x'.repeat(4000)}…`],
    ['an error in other scripts', new Error('нет товара 🧦'), 'нет товара 🧦'],
  ])('keeps the reason if a handler throws %s', async (_what, thrown, reason) => {
    await startTestApp(server.url, {
      controllers: [failingWith(rejectWith(thrown), { maxDeliver: 1 })],
      streams: [OrdersStream],
    });
    await jetStream.client.publish('order.created', '{}');
    await deadLettered();
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(letter?.header.get(DEAD_LETTER_HEADERS.reason)).toBe(reason);
  });

  it.each<[string, string | Uint8Array]>([
    ['incomplete JSON', '{'],
    ['an empty message', ''],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
    ['deeply nested JSON that is cut off', '['.repeat(400_000)],
  ])('is stored byte for byte at the first delivery of %s', async (_what, body) => {
    const deliveries: number[] = [];
    await startTestApp(server.url, {
      controllers: [failingWith(() => undefined, {}, deliveries)],
      streams: [OrdersStream],
    });
    await jetStream.client.publish('order.created', body);
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await deadLettered();
    await eventually('the next event is handled', () => deliveries.length === 1);
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(letter?.data).toEqual(typeof body === 'string' ? new TextEncoder().encode(body) : body);
    expect(letter?.header.get(DEAD_LETTER_HEADERS.deliveries)).toBe('1');
    expect(letter?.header.get(DEAD_LETTER_HEADERS.reason)).toContain('UndecodableEventError');
  });

  it('is stored at once for a TerminateError and for errors in terminateOn', async () => {
    const refuse: PipeTransform = {
      transform(value: OrderCreatedEvent) {
        if (value.id === 3) throw new BadRequestException('quantity must be positive');
        return value;
      },
    };
    @Controller()
    class Failing {
      @UsePipes(refuse)
      @JetStreamConsumer(ORDER_CREATED, { durable: 'failing', terminateOn: [RangeError, BadRequestException] })
      handle(event: OrderCreatedEvent): void {
        if (event.id === 1) throw new TerminateError('never');
        if (event.id === 2) throw new RangeError('too many');
      }
    }
    await startTestApp(server.url, { controllers: [Failing], streams: [OrdersStream] });
    for (const id of [1, 2, 3, 4]) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
    await deadLettered(3);
    const letters = await deadLettersOf(jetStream, 'ORDERS');
    expect(letters.map(({ header }) => header.get(DEAD_LETTER_HEADERS.reason)).toSorted()).toEqual([
      'BadRequestException: quantity must be positive',
      'RangeError: too many',
      'TerminateError: never',
    ]);
  });

  it('is passed to a function instead, which is called again until it succeeds', async () => {
    const letters: DeadLetter[] = [];
    let attempts = 0;
    const deadLetter = (letter: DeadLetter): void => {
      if (++attempts === 1) throw new Error('the other store is away');
      letters.push(letter);
    };
    const failing = failingWith(rejectWith(new Error('no')), { maxDeliver: 1, deadLetter });
    await startTestApp(server.url, { controllers: [failing], streams: [OrdersStream] });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually('the function gets the dead letter', () => letters.length === 1);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'failing'));
    expect(letters[0]).toMatchObject({
      stream: 'ORDERS',
      consumer: 'failing',
      subject: 'order.created',
      sequence: 1,
      deliveries: 1,
    });
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
  });

  describe("with deadLetter 'off'", () => {
    const withoutDeadLetters = { maxDeliver: 2, deadLetter: 'off' } as const;

    async function startAndFail(streamConfig: { name: string; subjects: string[]; retention: 'limits' | 'workqueue' }) {
      const { logger, lines } = logLines();
      const before = failingWith(rejectWith(new Error('no')), { maxDeliver: 2 });
      await (await startTestApp(server.url, { controllers: [before], streamConfig })).close();
      const deliveries: number[] = [];
      const failing = failingWith(rejectWith(new Error('no')), withoutDeadLetters, deliveries);
      await startTestApp(server.url, { controllers: [failing], streamConfig, logger });
      await jetStream.client.publish('order.created', JSON.stringify(order(1)));
      await jetStream.client.publish('order.created', JSON.stringify(order(999)));
      await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'failing'));
      expect(deliveries.toSorted((one, other) => one - other)).toEqual([1, 1, 2]);
      expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
      return lines;
    }

    it("is not stored, even if deadLetter was 'stream' before", async () => {
      const lines = await startAndFail({ name: 'ORDERS', subjects: ['order.>'], retention: 'limits' });
      expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
      expect(lines.filter((line) => line.includes("deadLetter 'off'"))).toEqual([]);
    });

    it('is not stored, and a message of a work queue is removed with a warning at startup', async () => {
      const lines = await startAndFail({ name: 'ORDERS', subjects: ['order.>'], retention: 'workqueue' });
      await eventually(
        'the message is removed',
        async () => (await jetStream.manager.streams.info('ORDERS')).state.messages === 0,
      );
      expect(lines).toContainEqual(
        "failing (Failing.handle) has deadLetter 'off', and stream 'ORDERS' has retention 'workqueue'. A message that fails its last " +
          "attempt is removed without a copy. Set deadLetter to 'stream' or to a function to keep it.",
      );
    });
  });

  it('counts all attempts, including retries without a delivery', async () => {
    const attempts: number[] = [];
    const options = { maxDeliver: 4, orderBy: () => 'one key' };
    const failing = failingWith(rejectWith(new Error('no')), options, attempts);
    await startTestApp(server.url, { controllers: [failing], streams: [OrdersStream] });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await deadLettered();
    expect(attempts).toEqual([1, 2, 3, 4]);
    const [deadLetter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(deadLetter?.header.get(DEAD_LETTER_HEADERS.deliveries)).toBe('4');
  });

  it('is stored once without another run if the handler hangs in the final attempt', async () => {
    const attempts: number[] = [];
    const options = { maxDeliver: 2, ackWait: 300, maxProcessingTime: 200 };
    const hanging = failingWith(() => new Promise(() => undefined), options, attempts);
    const streamConfig = { name: 'ORDERS', subjects: ['order.>'], retention: 'interest' as const };
    await startTestApp(server.url, { controllers: [hanging], streamConfig, gracePeriod: 1 });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await deadLettered();
    expect(attempts).toEqual([1, 2]);
    const [deadLetter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(deadLetter?.header.get(DEAD_LETTER_HEADERS.deliveries)).toBe('2');
    expect(deadLetter?.header.get(DEAD_LETTER_HEADERS.reason)).toContain('before acknowledging the final delivery');
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(0);
  });

  describe('with a deleted dead-letter stream', () => {
    const deadLetterStream = { name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'] };

    it('is stored in a new stream with provisioning apply', async () => {
      const { logger, lines } = logLines();
      const failing = failingWith(rejectWith(new Error('no')), { maxDeliver: 1 });
      await startTestApp(server.url, { controllers: [failing], streams: [OrdersStream], logger });
      for (const id of [1, 2]) {
        await jetStream.manager.streams.delete('ORDERS_DEAD');
        await jetStream.client.publish('order.created', JSON.stringify(order(id)));
        await deadLettered();
      }
      expect(lines.filter((line) => /could not be stored|not enabled/.test(line))).toEqual([]);
    });

    it.each(['verify', 'none'] as const)(
      'is held with provisioning %s and reported in health, while others are handled',
      async (provisioning) => {
        const first = failingWith(() => undefined, { maxDeliver: 1 });
        await (await startTestApp(server.url, { controllers: [first], streams: [OrdersStream] })).close();
        const { logger, lines } = logLines();
        const handled: number[] = [];
        const options = { maxDeliver: 1, concurrency: 1, prefetch: 2 };
        const failing = failingWith(rejectWith(new Error('no')), options, handled);
        const app = await startTestApp(server.url, {
          controllers: [failing],
          streams: [OrdersStream],
          provisioning,
          logger,
        });
        const problems = () => app.get(NatsJetStreamHealth).check().problems;
        expect(problems()).toEqual([]);
        await jetStream.manager.streams.delete('ORDERS_DEAD');
        await jetStream.client.publish('order.created', JSON.stringify(order(1)));
        await eventually('health reports the problem', () => problems().length > 0);
        expect(problems()).toEqual([
          "The dead letter of 'order.created' (sequence 1) could not be stored: MissingStreamError: Stream 'ORDERS_DEAD' " +
            "does not exist. Create it, or start this service once with provisioning: 'apply'. Retrying.",
        ]);
        await jetStream.client.publish('order.created', JSON.stringify(order(999)));
        await eventually('the next event is handled', () => handled.length === 2);
        expect((await jetStream.manager.consumers.info('ORDERS', 'failing')).num_ack_pending).toBe(1);
        await jetStream.manager.streams.add(deadLetterStream);
        await deadLettered();
        await eventually('health reports no problem', () => problems().length === 0);
        expect(handled).toEqual([1, 1]);
        expect(lines.filter((line) => line.includes('not enabled'))).toEqual([]);
      },
    );
  });

  it('is held by its process while it cannot be stored', async () => {
    await jetStream.manager.streams.add({
      name: 'ORDERS_DEAD',
      subjects: ['dead.ORDERS.>'],
      max_msgs: 1,
      discard: 'new',
      max_age: 30 * 24 * 3600e9,
    });
    await jetStream.client.publish('dead.ORDERS.other.1', 'fills it');
    const deliveries: number[] = [];
    const failing = failingWith(rejectWith(new Error('no')), { maxDeliver: 1, ackWait: 300 }, deliveries);
    await startTestApp(server.url, { controllers: [failing], streams: [OrdersStream] });
    let extensions = 0;
    jetStream.connection.subscribe('$JS.ACK.ORDERS.failing.>', {
      callback: (_, message) => void (message.string() === '+WPI' && extensions++),
    });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually('the message was held for three times ackWait', () => extensions >= 9);
    expect(deliveries).toEqual([1]);
    await jetStream.manager.streams.update('ORDERS_DEAD', { max_msgs: 10 });
    await deadLettered(2);
    expect(deliveries).toEqual([1]);
  });
});

describe('Manual settlement', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
  });

  it('settles through the context, the nats.js message or a throw with manualAck', async () => {
    const seen: string[] = [];
    @Controller()
    class Manual {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'failing', manualAck: true, retryDelay: [10] })
      async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
        seen.push(`${event.id}:${context.deliveryCount}`);
        if (event.id === 1) context.message.ack();
        if (event.id === 2) await context.ack();
        if (event.id === 3) await (context.redelivered ? context.ack() : context.retry({ delay: 20 }));
        if (event.id === 4) await context.terminate('not ours');
        if (event.id === 5 && !context.redelivered) throw new Error('again');
        if (event.id === 5) context.message.ack();
      }
    }
    await startTestApp(server.url, { controllers: [Manual], streams: [OrdersStream] });
    for (const id of [1, 2, 3, 4, 5]) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
    await eventually(
      'every message is settled',
      async () => seen.length === 7 && isSettled(jetStream, 'ORDERS', 'failing'),
    );
    expect(seen.toSorted()).toEqual(['1:1', '2:1', '3:1', '3:2', '4:1', '5:1', '5:2']);
    expect((await deadLettersOf(jetStream, 'ORDERS'))[0]?.header.get(DEAD_LETTER_HEADERS.reason)).toBe('not ours');
  });

  it('waits for the confirmation of the server with ackMode double', async () => {
    const confirmed: string[] = [];
    jetStream.connection.subscribe('$JS.ACK.ORDERS.failing.>', {
      callback: (_, message) => void (message.reply && confirmed.push(message.string())),
    });
    await startTestApp(server.url, {
      controllers: [failingWith(() => undefined, { ackMode: 'double' })],
      streams: [OrdersStream],
    });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually(
      'the acknowledgement is confirmed',
      async () => confirmed.length === 1 && isSettled(jetStream, 'ORDERS', 'failing'),
    );
    expect(confirmed).toEqual(['+ACK']);
  });
});
