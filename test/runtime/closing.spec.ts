import { Controller, type INestApplicationContext } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { NatsJetStreamClientProxy, PublishUnconfirmedError } from '@nest-jetstream/transport';
import { lastValueFrom, NEVER, type Observable } from 'rxjs';
import { createClient } from '../support/clients';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { probe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

const COUNT = 1_000;
/** Upper bound for a close timeout of some hundred milliseconds plus an unanswered drain. */
const BOUND_MS = 30_000;

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
  const owner = await startTestApp(server.url, { streams: [OrdersStream] });
  await owner.close();
});
// A stopped process does not react to SIGTERM.
afterEach(() => process.kill(server.pid, 'SIGCONT'));

const ids = Array.from({ length: COUNT }, (_, at) => `order-${at}`);

const publishAll = (client: NatsJetStreamClientProxy): Promise<PromiseSettledResult<{ seq: number }>[]> =>
  Promise.allSettled(ids.map((msgID, at) => client.emitAsync(ORDER_CREATED, order(at), { msgID })));

async function storedIds(): Promise<Set<string>> {
  const { manager } = await probe(server.url);
  const { state } = await manager.streams.info('ORDERS');
  const stored = new Set<string>();
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage('ORDERS', { seq });
    stored.add(String(message?.header.get('Nats-Msg-Id')));
  }
  expect(stored.size).toBe(state.messages);
  return stored;
}

const resolvedOf = (outcomes: readonly PromiseSettledResult<unknown>[]): string[] =>
  ids.filter((_, at) => outcomes[at]?.status === 'fulfilled');

const reasonsOf = (outcomes: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));

async function expectBounded(closing: Promise<unknown>): Promise<void> {
  const began = performance.now();
  await closing;
  expect(performance.now() - began).toBeLessThan(BOUND_MS);
}

describe('Last user of a connection that closes with 1,000 events in flight', () => {
  it.each<[string, () => Promise<{ client: NatsJetStreamClientProxy; close: () => Promise<void> }>]>([
    [
      'a connected client',
      async () => {
        const client = createClient({ connectionOptions: { servers: server.url } });
        await client.connect();
        return { client, close: async () => client.close() };
      },
    ],
    [
      'a client that is not connected yet',
      async () => {
        const client = createClient({ connectionOptions: { servers: server.url } });
        return { client, close: async () => client.close() };
      },
    ],
    [
      'an application',
      async () => {
        const app = await startTestApp(server.url);
        return { client: app.get(NatsJetStreamClientProxy), close: async () => app.close() };
      },
    ],
  ])('receives every PubAck as %s', async (_who, make) => {
    const { client, close } = await make();
    const inFlight = publishAll(client);

    await close();

    expect(reasonsOf(await inFlight)).toEqual([]);
    expect(await storedIds()).toEqual(new Set(ids));
  });

  it('refuses new events and requests while it closes', async () => {
    const client = createClient({ connectionOptions: { servers: server.url } });
    await client.connect();
    const inFlight = publishAll(client);
    const closing = client.close();

    const late = [
      client.emitAsync(ORDER_CREATED, order(1)),
      lastValueFrom(client.emit(ORDER_CREATED, order(1))),
      lastValueFrom(client.send('order.sum', {})),
      client.request('order.sum', {}),
      client.connect(),
    ];

    for (const { reason } of (await Promise.allSettled(late)) as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: 'CONNECTION_CLOSED' });
    await closing;
    expect(reasonsOf(await inFlight)).toEqual([]);
    expect(await storedIds()).toEqual(new Set(ids));
  });

  it('reports unconfirmed events with their message ids, because they may be stored', async () => {
    const proxy = await startProxy(server.url);
    const client = createClient({ connectionOptions: { servers: proxy.url }, closeTimeout: 300 });
    await client.connect();
    let acks = 0;
    proxy.watch('toClient', ({ payload }) => {
      if (payload.includes('"stream":"ORDERS"')) acks++;
      if (acks === COUNT / 2) proxy.freeze();
      return false;
    });
    const inFlight = publishAll(client);

    await expectBounded(client.close());

    const outcomes = await inFlight;
    const stored = await storedIds();
    const resolved = resolvedOf(outcomes);
    expect([...stored]).toEqual(expect.arrayContaining(resolved));
    expect(resolved).toHaveLength(COUNT / 2 - 1);
    const reasons = reasonsOf(outcomes) as PublishUnconfirmedError[];
    for (const reason of reasons) expect(reason).toBeInstanceOf(PublishUnconfirmedError);
    const unconfirmed = reasons.map(({ messageId }) => messageId);
    expect(new Set([...resolved, ...unconfirmed])).toEqual(new Set(ids));
    const again = createClient({ connectionOptions: { servers: server.url } });
    await Promise.all(unconfirmed.map((msgID) => again.emitAsync(ORDER_CREATED, order(0), { msgID })));
    expect(await storedIds()).toEqual(new Set(ids));
  });
});

interface Publisher {
  readonly app: INestApplicationContext;
  readonly client: NatsJetStreamClientProxy;
  readonly lines: readonly string[];
  /** Stops all traffic. */
  readonly freeze: () => void;
}

/** Starts an application and publishes one event. */
async function startPublisher(): Promise<Publisher> {
  const { logger, lines } = logLines();
  const proxy = await startProxy(server.url);
  const app = await startTestApp(proxy.url, { closeTimeout: 300, gracePeriod: 300, logger });
  const client = app.get(NatsJetStreamClientProxy);
  await client.emitAsync(ORDER_CREATED, order(0), { msgID: 'before' });
  return { app, client, lines, freeze: () => proxy.freeze() };
}

describe('Closing while the server does not answer', () => {
  it('ends within closeTimeout and reports every event as possibly stored', async () => {
    const { app, client, lines } = await startPublisher();
    process.kill(server.pid, 'SIGSTOP');
    const inFlight = publishAll(client);

    await expectBounded(app.close());

    const reasons = reasonsOf(await inFlight);
    // The server may have read a few events before it stopped.
    expect(reasons.length).toBeGreaterThan(COUNT / 2);
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'PUBLISH_UNCONFIRMED', value: ORDER_CREATED });
    expect(lines.filter((line) => line.includes('closeTimeout'))).toEqual([
      `Closed after 300 ms (closeTimeout) with ${reasons.length} unanswered events or requests.`,
    ]);
    process.kill(server.pid, 'SIGCONT');
    const again = createClient({ connectionOptions: { servers: server.url } });
    await publishAll(again);
    expect(await storedIds()).toEqual(new Set(['before', ...ids]));
  });

  it('reports a scheduled event, which nats.js publishes, as possibly stored', async () => {
    const { app, client, freeze } = await startPublisher();
    freeze();
    const schedule = { specification: new Date(Date.now() + 3_600_000), target: 'order.due' };
    const planned = client
      .emitAsync<unknown>('order.plan', {}, { schedule, msgID: 'plan' })
      .catch((error: unknown) => error);

    await expectBounded(app.close());

    expect(await planned).toMatchObject({ code: 'PUBLISH_UNCONFIRMED', messageId: 'plan' });
  });

  it('fails open requests, including those without a timeout', async () => {
    const { app, client, freeze } = await startPublisher();
    await expect(client.request('sum', {})).rejects.toMatchObject({ code: 'NO_RESPONDER' });
    freeze();
    const requests = [client.request('sum', {}), lastValueFrom(client.send('sum', {}))];
    const ended = Promise.allSettled(requests);

    await expectBounded(app.close());

    for (const { reason } of (await ended) as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: 'REQUEST_UNANSWERED', value: 'sum' });
  });
});

describe('Client that closes with a request in flight', () => {
  const answering = new Gate();
  let received = 0;

  @Controller()
  class Sums {
    @MessagePattern('sum')
    async sum(numbers: number[]): Promise<number> {
      received++;
      await answering.opened;
      return numbers.reduce((total, number) => total + number, 0);
    }

    @MessagePattern('never')
    never(): Observable<number> {
      received++;
      return NEVER;
    }
  }

  it('waits for a reply until closeTimeout', async () => {
    await startTestApp(server.url, { controllers: [Sums] });
    const client = createClient({ connectionOptions: { servers: server.url, name: 'asks' }, closeTimeout: 1_000 });
    const sum = client.request('sum', [1, 2]);
    const never = Promise.allSettled([lastValueFrom(client.send('never', []))]);
    await eventually('both handlers run', () => received === 2);
    const closing = client.close();
    answering.open();

    expect(await sum).toBe(3);
    await expectBounded(closing);
    expect(await never).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ code: 'REQUEST_UNANSWERED', value: 'never' }) },
    ]);
  });
});

describe('closeTimeout', () => {
  it.each([0, -1, Number.NaN, '5 s', '25d'])('rejects %s', (closeTimeout) => {
    expect(() => createClient({ closeTimeout: closeTimeout as number })).toThrow("Option 'closeTimeout' cannot be");
  });
});
