import {
  BadRequestException,
  Controller,
  Logger,
  ParseArrayPipe,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  BatchResult,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  Outcome,
  RetryError,
  TerminateError,
  type JetStreamBatchConsumerOptions,
  type NatsJetStreamBatchContext,
} from '@nest-jetstream/transport';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

type Handle = (events: OrderCreatedEvent[], context: NatsJetStreamBatchContext) => unknown;

const ascending = (one: number, other: number): number => one - other;
const HANDLER = 'OrdersConsumer.handle';
const LABEL = `orders (${HANDLER})`;
const log: string[] = [];
const sink = (text: unknown): void => void log.push(String(text));

let server: TestServer;
let jetStream: JetStreamProbe;
/** Ids of each batch, in the order of the calls. */
let batches: number[][];

beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
  batches = [];
  log.length = 0;
});
afterEach(() => Logger.overrideLogger(false));

/** Starts a handler of batches of three, which wait up to an hour to fill. */
async function start(
  handle: Handle,
  options: Partial<JetStreamBatchConsumerOptions> = {},
  more: TestAppOptions = {},
): Promise<INestApplicationContext> {
  @Controller()
  class OrdersConsumer {
    @JetStreamConsumer(ORDER_CREATED, {
      durable: 'orders',
      batch: { size: 3, timeout: '1h' },
      maxProcessingTime: '2h',
      retryDelay: ['1h'],
      ...options,
    })
    async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext): Promise<unknown> {
      batches.push(events.map(({ id }) => id));
      return handle(events, context);
    }
  }
  const app = await startTestApp(server.url, { controllers: [OrdersConsumer], streams: [OrdersStream], ...more });
  Logger.overrideLogger({ log: sink, warn: sink, error: sink, debug: sink });
  return app;
}

async function publish(...ids: number[]): Promise<void> {
  for (const id of ids) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
}

const settled = (): Promise<void> =>
  eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
const pending = async (): Promise<number> =>
  (await jetStream.manager.consumers.info('ORDERS', 'orders')).num_ack_pending;
const deadIds = async (): Promise<number[]> =>
  (await deadLettersOf(jetStream, 'ORDERS')).map(({ data }) => {
    const { id } = JSON.parse(new TextDecoder().decode(data)) as OrderCreatedEvent;
    return id;
  });

describe('Batch handler', () => {
  it('receives as many events as size allows in stream order, and acknowledges all of them', async () => {
    await start(() => ['rows', 'that', 'were', 'stored']);
    await publish(1, 2, 3, 4, 5, 6);
    await eventually('two batches are handled', () => batches.length === 2);
    await settled();
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
  });

  it('receives a partial batch when the first event has waited for the timeout', async () => {
    await start(() => undefined, { batch: { size: 3, timeout: 50 } });
    await publish(1, 2);
    await settled();
    await eventually('everything is handled', () => batches.flat().length === 2);
    await publish(3);
    await eventually('the third event is handled', () => batches.flat().length === 3);
    await settled();
    expect(batches.flat()).toEqual([1, 2, 3]);
  });

  it('runs up to concurrency batches at a time and batches the waiting events', async () => {
    const gates = [new Gate(), new Gate(), new Gate()];
    let running = 0;
    let most = 0;
    const handle = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await gates[batches.length - 1]?.opened;
      running--;
    };
    await start(handle, { concurrency: 2, batch: { size: 3, timeout: 20 } });
    await publish(1, 2, 3, 4, 5, 6);
    await eventually('two batches run', () => running === 2);
    await publish(7);
    await publish(8, 9);
    await eventually('all nine events are delivered', async () => (await pending()) === 9);
    gates[0]!.open();
    await eventually('the third batch starts', () => batches.length === 3);
    gates.forEach((gate) => gate.open());
    await settled();
    expect(batches.at(-1)).toEqual([7, 8, 9]);
    expect(most).toBe(2);
  });

  it('gets each message and the stream through its context', async () => {
    let seen: unknown;
    await start((_events, { messages, stream }) => {
      seen = { stream, sequences: messages.map(({ sequence }) => sequence), subject: messages[0]?.subject };
    });
    await publish(1, 2, 3);
    await eventually('the handler runs', () => seen !== undefined);
    expect(seen).toEqual({ stream: 'ORDERS', sequences: [1, 2, 3], subject: 'order.created' });
  });

  it('supports ParseArrayPipe, and fails the batch if one event is invalid', async () => {
    class OrderDto implements OrderCreatedEvent {
      id = 0;
      product = '';
      quantity = 0;
    }
    const items = new ParseArrayPipe({
      items: OrderDto,
      transformerPackage: {
        plainToInstance: (type: Type, plain: unknown) => Object.assign(new type(), plain),
        classToPlain: (instance: unknown) => Object.assign({}, instance),
      },
      validatorPackage: {
        validate: ({ id }: OrderDto) => (id > 0 ? [] : [{ property: 'id', constraints: { min: 'id is above 0' } }]),
      },
    });
    const received: unknown[] = [];
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: 'orders',
        batch: { size: 2, timeout: '10s' },
        terminateOn: [BadRequestException],
      })
      handle(@Payload(items) events: OrderDto[]): void {
        received.push(...events);
      }
    }
    await startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream] });
    await publish(1, 2);
    await settled();
    expect(received).toEqual([order(1), order(2)]);
    expect(received[1]).toBeInstanceOf(OrderDto);
    await publish(0, 3);
    await eventually('the dead letters are stored', async () => (await deadIds()).length === 2);
    expect(received).toHaveLength(2);
  });

  it('keeps outcomes with their messages if the handler changes its array', async () => {
    await start((events, context) => {
      void context.messages[0]?.terminate('first');
      events.splice(0, events.length);
    });
    await publish(1, 2, 3);
    await settled();
    expect(await deadIds()).toEqual([1]);
  });

  it('handles or dead-letters each of 1,000 events', async () => {
    const handled = new Set<number>();
    const handle: Handle = (events) =>
      BatchResult.of(
        events.map(({ id }) => {
          if (id % 50 === 0) return Outcome.terminate('a round number');
          if (id % 7 === 0 && !handled.has(-id)) {
            handled.add(-id);
            return Outcome.retry({ delay: 20 });
          }
          handled.add(id);
          return Outcome.ack();
        }),
      );
    const app = await start(handle, { batch: { size: 100, timeout: 50 }, concurrency: 2 });
    const client = app.get(NatsJetStreamClientProxy);
    const ids = Array.from({ length: 1_000 }, (_, at) => at + 1);
    await Promise.all(ids.map(async (id) => client.emitAsync(ORDER_CREATED, order(id))));
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
    const dead = (await deadIds()).toSorted(ascending);
    expect(dead).toEqual(ids.filter((id) => id % 50 === 0));
    expect([...handled].filter((id) => id > 0)).toHaveLength(1_000 - dead.length);
    expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe('Batch outcome', () => {
  it('is taken per event from a BatchResult', async () => {
    await start(
      (events, { messages }) =>
        BatchResult.of(
          events.map(({ id }, at) => {
            if (id === 2 && !messages[at]?.redelivered) return Outcome.retry({ delay: 20 });
            return id === 3 ? Outcome.terminate('not ours') : Outcome.ack();
          }),
        ),
      { batch: { size: 3, timeout: 500 } },
    );
    await publish(1, 2, 3);
    await eventually('the event is redelivered', () => batches.length === 2);
    await settled();
    expect(batches).toEqual([[1, 2, 3], [2]]);
    expect(await deadIds()).toEqual([3]);
  });

  it('is taken per message that the handler settles, and from the return value for the rest', async () => {
    await start(
      async (_events, { messages }) => {
        if (messages.length === 3) await messages[1]?.retry({ delay: 20 });
      },
      { batch: { size: 3, timeout: 500 } },
    );
    await publish(1, 2, 3);
    await eventually('the event is redelivered', () => batches.length === 2);
    await settled();
    expect(batches).toEqual([[1, 2, 3], [2]]);
  });

  it('fails every unsettled message after a throw, with one log entry', async () => {
    await start(
      async (_events, { messages }) => {
        if (messages.length < 3) return;
        await messages[0]?.ack();
        throw new RetryError('the database is away', { delay: 20 });
      },
      { batch: { size: 3, timeout: 500 } },
    );
    await publish(1, 2, 3);
    await eventually('two events are redelivered', () => batches.flat().length === 5);
    await settled();
    expect(batches.slice(1).flat().toSorted(ascending)).toEqual([2, 3]);
    const lines = log.filter((line) => line.includes('the database is away') && line.startsWith(LABEL));
    expect(lines.map((line) => line.split('\n')[0])).toEqual([
      `${LABEL} failed on 2 messages (sequences 2 to 3): RetryError: the database is away. Retrying, unless this was the final attempt.`,
    ]);
  });

  it.each<[string, Partial<JetStreamBatchConsumerOptions>, Handle, number]>([
    ['a TerminateError', {}, () => Promise.reject(new TerminateError('not ours')), 1],
    ['terminateOn', { terminateOn: [RangeError] }, () => Promise.reject(new RangeError('far')), 1],
    ['Outcome.terminate', {}, () => Outcome.terminate('not ours'), 1],
    ['context.terminate', {}, (_events, context) => context.terminate('not ours'), 1],
    ['maxDeliver failures', { maxDeliver: 3, retryDelay: [10] }, () => Promise.reject(new Error('no')), 3],
  ])('dead-letters every message after %s', async (_what, options, handle, deliveries) => {
    await start(handle, { batch: { size: 3, timeout: 200 }, ...options });
    await publish(1, 2, 3);
    await eventually('the dead letters are stored', async () => (await deadIds()).length === 3);
    await settled();
    expect((await deadIds()).toSorted(ascending)).toEqual([1, 2, 3]);
    expect(batches.flat()).toHaveLength(3 * deliveries);
    expect((await deadLettersOf(jetStream, 'ORDERS'))[0]?.header.get('Dead-Letter-Deliveries')).toBe(
      String(deliveries),
    );
  });

  it.each<[string, Handle, string]>([
    [
      'a BatchResult of another length',
      () => BatchResult.of([Outcome.ack()]),
      `${HANDLER} returned 1 outcomes for a batch of 3. Return BatchResult.of(outcomes) with one for each event, in their order.`,
    ],
    [
      'a plain array of outcomes',
      () => [Outcome.ack(), Outcome.retry(), Outcome.ack()],
      'Return BatchResult.of(outcomes).',
    ],
    [
      'an array of promises',
      (events) => events.map(async () => Outcome.retry()),
      `${HANDLER} returned an array of promises, which Nest does not await. Return Promise.all() of it.`,
    ],
    [
      'an array of promises that reject',
      (events) => events.map(async () => Promise.reject(new Error('no'))),
      `${HANDLER} returned an array of promises, which Nest does not await.`,
    ],
    [
      'a BatchResult without an Outcome',
      () => BatchResult.of([undefined as never]),
      'BatchResult.of() expects an Outcome for each event, but index 0 has none',
    ],
  ])('fails every message if the handler returns %s', async (_what, result, text) => {
    await start(result, { maxDeliver: 1 });
    await publish(1, 2, 3);
    await eventually('the dead letters are stored', async () => (await deadIds()).length === 3);
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(letter?.header.get('Dead-Letter-Reason')).toContain(text);
  });

  it.each<[string, () => unknown, string]>([
    ['a BatchResult', () => BatchResult.of([Outcome.ack()]), 'Orders.handle returned a BatchResult for one event'],
    [
      'an array of outcomes',
      () => [Outcome.retry()],
      'Orders.handle returned an array of outcomes. Return one Outcome.',
    ],
    ['an array of promises', () => [Promise.resolve()], 'Orders.handle returned an array of promises'],
    ['a RetryError', () => new RetryError('the database is away'), 'RetryError: the database is away'],
    ['a TerminateError', () => new TerminateError('not ours'), 'TerminateError: not ours'],
  ])('fails a handler of single events that returns %s', async (_what, result, text) => {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', maxDeliver: 1 })
      handle(): unknown {
        return result();
      }
    }
    await startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream] });
    await publish(1);
    await eventually('the dead letters are stored', async () => (await deadIds()).length === 1);
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(letter?.header.get('Dead-Letter-Reason')).toContain(text);
  });

  it('is left to the handler with manualAck, and unsettled messages are logged', async () => {
    await start(async (_events, { messages }) => messages[0]?.ack(), { manualAck: true });
    await publish(1, 2, 3);
    await eventually('the unsettled messages are logged', () =>
      log.some((line) => line.includes('returned without settling')),
    );
    expect(log.join('\n')).toContain(`${LABEL} returned without settling 2 messages (sequences 2 to 3)`);
    await eventually('the unsettled messages are pending', async () => (await pending()) === 2);
  });

  it('is acknowledged as a whole by context.ack() with manualAck', async () => {
    await start(async (_events, context) => context.ack(), { manualAck: true });
    await publish(1, 2, 3);
    await eventually('everything is handled', () => batches.length === 1);
    await settled();
  });

  it('logs an error thrown after the batch was settled', async () => {
    await start(async (_events, context) => {
      await context.ack();
      throw new Error('after all was done');
    });
    await publish(1, 2, 3);
    await eventually('the failure is logged', () =>
      log.some((line) => line.includes('after it had settled its batch')),
    );
    await settled();
    expect(batches).toHaveLength(1);
  });

  it("is confirmed by the server with ackMode 'double'", async () => {
    const acks: string[] = [];
    jetStream.connection.subscribe('$JS.ACK.ORDERS.orders.>', {
      callback: (_, { reply }) => void (reply && acks.push(reply)),
    });
    await start(() => undefined, { ackMode: 'double' });
    await publish(1, 2, 3);
    await eventually('each acknowledgement asks for confirmation', () => acks.length === 3);
    await settled();
  });
});

describe('Message of a batch', () => {
  it('is dead-lettered alone if it cannot be decoded, and the rest forms a batch', async () => {
    await start(() => undefined);
    await publish(1, 2);
    await jetStream.client.publish('order.created', '{');
    await eventually(
      'the dead letters are stored',
      async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1,
    );
    expect(batches).toEqual([]);
    await publish(3);
    await settled();
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('is redelivered if its deserializer never ends, and does not hold up others', async () => {
    let decoded = 0;
    const deserialize = async (data: Uint8Array): Promise<unknown> => {
      if (++decoded === 2) await new Gate().opened;
      return JSON.parse(new TextDecoder().decode(data));
    };
    const options = { timeout: 50, retryDelay: [10], batch: { size: 2, timeout: '1s' as const } };
    await start(() => undefined, options, { deserializer: { deserialize } });
    await publish(1, 2, 3);
    await eventually('every event is handled', () => batches.flat().length === 3);
    await settled();
    expect(batches).toEqual([[1, 3], [2]]);
    expect(log.join('\n')).toContain('DeserializerTimeoutError');
  });

  it('is not redelivered while it waits or its handler runs longer than ackWait', async () => {
    const gate = new Gate();
    let extensions = 0;
    jetStream.connection.subscribe('$JS.ACK.ORDERS.orders.>', {
      callback: (_, message) => void (message.string() === '+WPI' && extensions++),
    });
    await start(() => gate.opened, { ackWait: 300 });
    await publish(1, 2);
    await eventually('both messages were extended for two periods', () => extensions >= 12);
    expect(batches).toEqual([]);
    await publish(3);
    await eventually('three messages were extended for two more periods', () => extensions >= 30);
    gate.open();
    await settled();
    expect(batches).toEqual([[1, 2, 3]]);
    expect((await jetStream.manager.consumers.info('ORDERS', 'orders')).num_redelivered).toBe(0);
  });

  it('is released after maxProcessingTime, and health is down until the handler ends', async () => {
    const gate = new Gate();
    const reasons: string[] = [];
    const handle: Handle = async (_events, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(String(signal.reason)));
      await gate.opened;
    };
    const options = { batch: { size: 3, timeout: 20 }, maxProcessingTime: 100, ackWait: 150, maxDeliver: -1 };
    const app = await start(handle, options, { gracePeriod: 100 });
    const health = app.get(NatsJetStreamHealth);
    await publish(1, 2, 3);
    await eventually(
      'the handler is stalled',
      () => health.check().consumers['orders']?.startsWith('stalled') === true,
    );
    expect(reasons[0]).toContain('maxProcessingTime');
    gate.open();
    await eventually('health is up', () => health.check().status === 'up');
    await settled();
  });
});

describe('Batch redelivered while its first run continues', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => Promise.reject(new TerminateError('too late'))],
    ['retries', () => BatchResult.of([Outcome.retry(), Outcome.retry(), Outcome.retry()])],
    ['terminates', () => Outcome.terminate('too late')],
  ])('ignores the outcome of a first run that %s', async (_how, end) => {
    const [first, second] = [new Gate(), new Gate()];
    // The second run must end before maxProcessingTime, even on a busy machine.
    const options = {
      batch: { size: 3, timeout: '2s' },
      maxProcessingTime: '3s',
      ackWait: '1s',
      maxDeliver: 2,
    } as const;
    let runs = 0;
    await start(async () => {
      if (++runs > 1) return second.opened;
      await first.opened;
      return end();
    }, options);
    await publish(1, 2, 3);
    await eventually('the batch is redelivered', () => batches.flat().length === 6);
    first.open();
    await eventually(
      'the late outcome is logged for each message',
      () => log.filter((line) => line.includes('after maxProcessingTime')).length === 3,
    );
    second.open();
    await settled();
    expect(await deadIds()).toEqual([]);
    expect(batches.flat()).toHaveLength(6);
  });
});

describe('Timeout of a batch handler', () => {
  it('aborts the signal and redelivers every message', async () => {
    const reasons: unknown[] = [];
    await start(
      async (_events, { signal, messages }) => {
        if (messages[0]?.redelivered) return;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        reasons.push(signal.reason, messages[2]?.signal.aborted);
      },
      { timeout: 50, retryDelay: [10], batch: { size: 3, timeout: 200 } },
    );
    await publish(1, 2, 3);
    await eventually('every message is redelivered', () => batches.flat().length === 6);
    await settled();
    expect(reasons).toEqual([expect.objectContaining({ code: 'HANDLER_TIMEOUT' }), true]);
  });
});

describe('Shutdown with batches', () => {
  it('hands back an incomplete batch at once', async () => {
    const app = await start(() => undefined, { ackWait: '1h' });
    await publish(1, 2);
    await eventually('both events are delivered', async () => (await pending()) === 2);
    await app.close();
    await start(() => undefined, { ackWait: '1h' });
    await publish(3);
    await settled();
    expect(batches.flat().toSorted(ascending)).toEqual([1, 2, 3]);
  });

  it('finishes the running batch and hands back the waiting events', async () => {
    const gate = new Gate();
    const app = await start(() => gate.opened, { concurrency: 1 });
    await publish(1, 2, 3, 4, 5, 6, 7);
    await eventually(
      'the first batch runs and the others wait',
      async () => batches.length === 1 && (await pending()) === 7,
    );
    const handedBack: string[] = [];
    jetStream.connection.subscribe('$JS.ACK.ORDERS.orders.>', {
      callback: (_, message) => void (message.string() === '-NAK' && handedBack.push(message.subject)),
    });
    await jetStream.connection.flush();
    const closed = app.close();
    await eventually('four are handed back', () => handedBack.length === 4);
    gate.open();
    await closed;
    expect((await jetStream.manager.consumers.info('ORDERS', 'orders')).ack_floor.stream_seq).toBe(3);
    await start(() => undefined, { batch: { size: 4, timeout: 100 } });
    await settled();
    expect(batches.flat().toSorted(ascending)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('Shutdown during batches with mixed outcomes', () => {
  it('acknowledges, dead-letters or hands back each message exactly once', async () => {
    const answers = new Map<number, string[]>();
    jetStream.connection.subscribe('$JS.ACK.ORDERS.orders.>', {
      callback: (_, message) => {
        const sequence = Number(message.subject.split('.')[5]);
        const answer = message.string().split(' ')[0] ?? '';
        if (answer !== '+WPI') answers.set(sequence, [...(answers.get(sequence) ?? []), answer]);
      },
    });
    await jetStream.connection.flush();
    const gate = new Gate();
    const partly = async (): Promise<BatchResult> => {
      await gate.opened;
      return BatchResult.of([Outcome.ack(), Outcome.retry({ delay: 20 }), Outcome.terminate('not ours')]);
    };
    const app = await start(partly, { concurrency: 2 });
    await publish(1, 2, 3, 4, 5, 6, 7, 8, 9);
    await eventually('two batches run and one waits', async () => batches.length === 2 && (await pending()) === 9);
    const closed = app.close();
    await eventually('the waiting batch is handed back', () => answers.size === 3);
    gate.open();
    await closed;

    await eventually('every message is settled', () => answers.size === 9);
    const ended = ['+ACK', '-NAK', '+TERM'];
    const expected = [...ended, ...ended, '-NAK', '-NAK', '-NAK'];
    expect([...answers].toSorted(([one], [other]) => one - other)).toEqual(
      expected.map((answer, at) => [at + 1, [answer]]),
    );
    expect((await deadIds()).toSorted(ascending)).toEqual([3, 6]);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    batches = [];
    await start(() => undefined, { batch: { size: 5, timeout: 100 } });
    await settled();
    expect(batches.flat().toSorted(ascending)).toEqual([2, 5, 7, 8, 9]);
    expect(await deadIds()).toHaveLength(2);
  });
});

describe('Push consumer with batches', () => {
  it('handles the same batches as a pull consumer', async () => {
    await start(() => undefined, { deliverTo: 'in' });
    await publish(1, 2, 3);
    await settled();
    expect(batches).toEqual([[1, 2, 3]]);
  });
});
