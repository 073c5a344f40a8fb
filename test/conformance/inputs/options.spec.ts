import { Controller, type Type } from '@nestjs/common';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamError,
  type JetStreamConsumerOptions,
  type NatsJetStreamTransportOptions,
  type PublishOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../../support/eventually';
import { isSettled, probe } from '../../support/jetstream-probe';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startTestApp } from '../../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../../support/orders';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});

const handled: unknown[] = [];

function handler(options: JetStreamConsumerOptions, subject: string = ORDER_CREATED): Type {
  @Controller()
  class Orders {
    @JetStreamConsumer<string>(subject, options)
    handle(event: unknown): void {
      handled.push(event);
    }
  }
  return Orders;
}

async function failureOf(attempt: () => Promise<unknown>): Promise<unknown> {
  return attempt().then(
    () => 'it worked',
    (error: unknown) => error,
  );
}

function expectRefused(failure: unknown, code: string, says: string): void {
  expect(failure).toBeInstanceOf(NatsJetStreamError);
  expect(failure).toMatchObject({ code });
  expect(String(failure)).toContain(says);
}

/** Expects that an application starts after a refused one. */
async function expectNextStartWorks(): Promise<void> {
  const app = await startTestApp(server.url, { streams: [OrdersStream], controllers: [handler({ durable: 'still' })] });
  const before = handled.length;
  await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
  await eventually('handled', () => handled.length > before);
}

const MILLIS = "Pass milliseconds as a whole number above 0, or a string such as '30s'";
const WHOLE = 'Pass a whole number from 1 up';
const NUMBERS: readonly [string, number][] = [
  ['0', 0],
  ['-1', -1],
  ['1.5', 1.5],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['2^53', 2 ** 53],
];

describe('options - invalid for a consumer - startup fails with the option, the value and the remedy', () => {
  const durations = ['ackWait', 'maxProcessingTime', 'timeout', 'inactiveThreshold'] as const;
  const counts = ['concurrency', 'prefetch', 'maxAckPending'] as const;
  it.each<[option: string, value: unknown, says: string]>([
    ...durations.flatMap((option) => NUMBERS.map(([, value]): [string, unknown, string] => [option, value, MILLIS])),
    ...durations.map((option): [string, unknown, string] => [option, '10 s', MILLIS]),
    ...counts.flatMap((option) =>
      NUMBERS.map(([, value]): [string, unknown, string] => [option, value, 'Pass a whole number from']),
    ),
    ['maxDeliver', 0, WHOLE],
    ['maxDeliver', -2, WHOLE],
    ['maxDeliver', 1.5, WHOLE],
    ['maxDeliver', Number.NaN, WHOLE],
    ['backoff', [], 'Pass at least one delay'],
    ['backoff', ['1s', '2s', '3s', '4s', '5s', '6s'], "has more delays than 'maxDeliver' allows deliveries"],
    ['backoff', [0], MILLIS],
    ['retryDelay', [], 'Pass at least one delay'],
    ['retryDelay', ['x'], MILLIS],
    ['retryDelay', {}, "Pass a delay such as '1s', or a list of them"],
    ['retryDelay', 'soon', MILLIS],
    ['retryDelay', 0, MILLIS],
    ['durable', 'a.b', 'A durable name has no white space'],
    ['durable', 'a b', 'A durable name has no white space'],
    ['durable', 'a*', 'A durable name has no white space'],
    ['durable', 'a>', 'A durable name has no white space'],
    ['durable', 'a/b', 'A durable name has no white space'],
    ['durable', 'a\\b', 'A durable name has no white space'],
    ['durable', 'a\0', 'A durable name has no white space'],
    ['batch', { size: 0 }, WHOLE],
    ['batch', { size: 1, timeout: 2 ** 31 }, "Pass at most '24d'"],
    ['maxRetries', 3, 'Known options: ackMode, ackPolicy'],
  ])('%s: %p', async (option, value, says) => {
    const controllers = [handler({ durable: 'orders', [option]: value })];
    const failure = await failureOf(async () => startTestApp(server.url, { streams: [OrdersStream], controllers }));
    expectRefused(failure, 'INVALID_OPTION', `'${option}`);
    expect(String(failure)).toContain(says);
    await expectNextStartWorks();
  });
});

describe('options - invalid for a message - refused before anything is sent', () => {
  it.each<[option: keyof PublishOptions, value: unknown, says: string]>([
    ...NUMBERS.map(([, value]): [keyof PublishOptions, unknown, string] => ['timeout', value, MILLIS]),
    ['timeout', 2 ** 31, "Pass at most '24d'"],
    ['timeout', '25d', "Pass at most '24d'"],
    ...NUMBERS.map(([, value]): [keyof PublishOptions, unknown, string] => [
      'retries',
      value,
      'Pass the number of attempts',
    ]),
    ['ttl', 500, 'The server counts whole seconds'],
    ['ttl', '1.5s', 'The server counts whole seconds'],
  ])('%s: %p', async (option, value, says) => {
    const client = (await startTestApp(server.url, { streams: [OrdersStream] })).get(NatsJetStreamClientProxy);
    const failure = await failureOf(async () => client.emitAsync(ORDER_CREATED, order(1), { [option]: value }));
    expectRefused(failure, 'INVALID_OPTION', says);
    await expect(client.emitAsync(ORDER_CREATED, order(1), { timeout: '24d' })).resolves.toMatchObject({
      stream: 'ORDERS',
    });
  });
});

describe('options - of the module', () => {
  it.each<[what: string, options: NatsJetStreamTransportOptions, code: string, says: string]>([
    ['gracePeriod 0', { gracePeriod: 0 }, 'INVALID_OPTION', MILLIS],
    ['gracePeriod NaN', { gracePeriod: Number.NaN }, 'INVALID_OPTION', MILLIS],
    ['an unknown provisioning', { provisioning: 'auto' as never }, 'INVALID_OPTION', "'provisioning'"],
    [
      'a default message id',
      { jetStreamPublishOptions: { msgID: 'x' } as never },
      'INVALID_OPTION',
      'drop every message',
    ],
    [
      'a default timeout of 2^31 ms',
      { jetStreamPublishOptions: { timeout: 2 ** 31 } },
      'INVALID_OPTION',
      "Pass at most '24d'",
    ],
    ['no servers', { connectionOptions: { servers: [] } }, 'INVALID_OPTION', 'servers'],
    ['an invalid port', { connectionOptions: { servers: 'nats://127.0.0.1:99999' } }, 'INVALID_OPTION', '99999'],
  ])('%s - startup fails, and the next start works', async (_what, options, code, says) => {
    expectRefused(await failureOf(async () => startTestApp(server.url, options)), code, says);
    await expectNextStartWorks();
  });

  it('frozen and shared by two modules - accepted and not modified', async () => {
    const connectionOptions = Object.freeze({ servers: Object.freeze([server.url]) as unknown as string[] });
    const options = Object.freeze({
      id: 'frozen',
      connectionOptions,
      consumerOptions: Object.freeze({ maxDeliver: 3 }),
    });
    const before = JSON.stringify(options);
    for (const durable of ['frozen-a', 'frozen-b'])
      await startTestApp(server.url, { ...options, streams: [OrdersStream], controllers: [handler({ durable })] });
    expect(JSON.stringify(options)).toBe(before);
  });

  it('changed after startup - no effect, also on later reconnects', async () => {
    const own = await startTestServer();
    const connectionOptions = { servers: [own.url], reconnectTimeWait: 50 };
    const consumerOptions = { sample: 3 };
    const controllers = [handler({ durable: 'changed' })];
    const app = await startTestApp(own.url, {
      connectionOptions,
      consumerOptions,
      streams: [OrdersStream],
      controllers,
    });
    connectionOptions.servers.splice(0, 1, 'nats://127.0.0.1:1');
    consumerOptions.sample = 9;
    await own.restart();
    const before = handled.length;
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(9));
    await eventually('handled', () => handled.length > before);
    const { manager } = await probe(own.url);
    expect((await manager.consumers.info('ORDERS', 'changed')).config.sample_freq).toBe('3%');
  });

  it('a prototype key - refused, without prototype pollution', async () => {
    const options = JSON.parse('{"durable":"polluted","__proto__":{"concurrency":0}}') as JetStreamConsumerOptions;
    const failure = await failureOf(async () =>
      startTestApp(server.url, { streams: [OrdersStream], controllers: [handler(options)] }),
    );
    expectRefused(failure, 'INVALID_OPTION', '__proto__');
    expect(Reflect.get({}, 'concurrency')).toBeUndefined();
  });
});

describe('options - of several handlers', () => {
  it('one subject, two handlers - each gets every message', async () => {
    const before = handled.length;
    const app = await startTestApp(server.url, {
      streams: [OrdersStream],
      controllers: [
        handler({ durable: 'one', deliverPolicy: 'New' }),
        handler({ durable: 'two', deliverPolicy: 'New' }),
      ],
    });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(7));
    await eventually('both', () => handled.length === before + 2);
  });

  it('overlapping patterns - each gets its messages', async () => {
    const before = handled.length;
    const app = await startTestApp(server.url, {
      streams: [OrdersStream],
      controllers: [
        handler({ durable: 'any', deliverPolicy: 'New' }, 'order.*'),
        handler({ durable: 'that', deliverPolicy: 'New' }, 'order.created'),
      ],
    });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(8));
    await eventually('both', () => handled.length === before + 2);
  });

  it('200 handlers (10,000 scaled down, because each is a durable) - all start, and each handles its own events', async () => {
    const own = await startTestServer();
    const jetStream = await probe(own.url);
    const before = handled.length;
    const names = Array.from({ length: 200 }, (_, at) => `h${at}`);
    const controllers = names.map((name) => handler({ durable: name }, `order.${name}`));
    const app = await startTestApp(own.url, { streams: [OrdersStream], controllers });
    const client = app.get(NatsJetStreamClientProxy);
    await Promise.all(names.map(async (name) => client.emitAsync(`order.${name}`, name)));
    await eventually('all handled', () => handled.length === before + names.length);
    await eventually('settled', async () =>
      (await Promise.all(names.map(async (name) => isSettled(jetStream, 'ORDERS', name)))).every(Boolean),
    );
    expect(new Set(handled.slice(before))).toEqual(new Set(names));
  });
});
