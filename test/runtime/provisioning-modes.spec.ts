import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type JetStreamConsumerOptions,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import { watchWrites } from '../support/api-writes';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const DURABLE = 'order-created';
const ALL = { streams: [OrdersStream] };

function consumer(handled: number[] = [], options: JetStreamConsumerOptions = {}) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE, ...options })
    handle({ id }: OrderCreatedEvent): void {
      if (id < 0) throw new Error('no such order');
      handled.push(id);
    }
  }
  return OrderCreatedConsumer;
}

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

async function startOnce(options: TestAppOptions): Promise<void> {
  await (await startTestApp(server.url, { ...ALL, ...options })).close();
}

async function failureOf(options: TestAppOptions): Promise<Error> {
  const failure = await startTestApp(server.url, { ...ALL, ...options }).catch((error: unknown) => error);
  if (failure instanceof Error) return failure;
  throw new Error('the application started');
}

describe("provisioning: 'verify'", () => {
  const provisioning = 'verify';

  it('fails startup with everything that is missing, and creates nothing', async () => {
    const writes = await watchWrites(jetStream);
    const error = await failureOf({ controllers: [consumer()], provisioning });
    expect(error).toMatchObject({
      code: 'PROVISIONING_MISMATCH',
      mismatches: [
        { stream: 'ORDERS', drift: [] },
        { stream: 'ORDERS', durable: DURABLE, drift: [] },
        { stream: 'ORDERS_DEAD', drift: [] },
        { stream: 'JETSTREAM_ATTEMPTS', drift: [] },
      ],
    });
    expect(error.message).toBe(
      "The server differs from the declaration of this service, and provisioning 'verify' changes nothing:\n" +
        "- stream 'ORDERS' is missing\n" +
        "- durable 'order-created' of stream 'ORDERS' is missing\n" +
        "- stream 'ORDERS_DEAD' is missing\n" +
        "- stream 'JETSTREAM_ATTEMPTS' is missing\n" +
        "Change the server accordingly, or start this service once with provisioning 'apply'.",
    );
    expect(writes).toEqual([]);
  });

  it('fails startup with each field of streams and durables that differs, and changes nothing', async () => {
    await startOnce({ controllers: [consumer([], { ackWait: '10s', description: 'old' })] });
    await jetStream.manager.streams.update('ORDERS', { duplicate_window: 1e9 });
    const writes = await watchWrites(jetStream);
    const controllers = [consumer([], { ackWait: '20s', description: 'new' })];
    const error = await failureOf({ controllers, provisioning });
    expect(error).toMatchObject({
      mismatches: [
        { stream: 'ORDERS', drift: [{ field: 'duplicate_window', declared: 120e9, actual: 1e9 }] },
        {
          durable: DURABLE,
          drift: [
            { field: 'ack_wait', declared: 20e9, actual: 10e9 },
            { field: 'description', declared: 'new', actual: 'old' },
          ],
        },
      ],
    });
    expect(error.message).toContain("- stream 'ORDERS': duplicate_window is 1s, declared 2m\n");
    expect(writes).toEqual([]);
  });

  it('reports a handler whose subject no stream stores', async () => {
    const error = await failureOf({ controllers: [consumer([], { deadLetter: 'off' })], streams: [], provisioning });
    expect(error.message).toContain("- no stream stores 'order.created', which durable 'order-created' reads\n");
  });

  it('handles, retries and dead-letters without an API call that changes anything', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'] });
    await startOnce({ controllers: [consumer([], { maxDeliver: 2, retryDelay: [10] })] });
    const writes = await watchWrites(jetStream);
    const handled: number[] = [];
    const controllers = [consumer(handled, { maxDeliver: 2, retryDelay: [10] })];
    const app = await startTestApp(server.url, { ...ALL, controllers, provisioning });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await client.emitAsync(ORDER_CREATED, order(-1));
    await eventually('everything is handled', () => handled.length === 1);
    await eventually(
      'the failing event is dead-lettered',
      async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1,
    );
    expect(writes).toEqual([]);
  });

  it('accepts a durable of another client, without the marks of this package', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await jetStream.manager.streams.add({ name: 'JETSTREAM_ATTEMPTS', subjects: ['jetstream-attempts.>'] });
    await jetStream.manager.consumers.add('ORDERS', {
      durable_name: DURABLE,
      ack_policy: 'explicit',
      ack_wait: 30e9,
      max_deliver: -1,
      filter_subject: 'order.created',
      deliver_policy: 'by_start_sequence',
      opt_start_seq: 2,
      metadata: { team: 'ops' },
    });
    const handled: number[] = [];
    const controllers = [consumer(handled, { startSequence: 2, deadLetter: 'off' })];
    const app = await startTestApp(server.url, { ...ALL, controllers, provisioning });
    for (const id of [1, 2]) await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(id));
    await eventually('everything is handled', () => handled.length === 1);
    expect(handled).toEqual([2]);
  });
});

describe("provisioning: 'none'", () => {
  const provisioning = 'none';

  it('fails startup with the remedy if a durable is missing, and creates nothing', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const writes = await watchWrites(jetStream);
    const error = await failureOf({ controllers: [consumer()], provisioning });
    expect(error).toMatchObject({ code: 'MISSING_DURABLE', stream: 'ORDERS', value: DURABLE });
    expect(error.message).toBe(
      "Durable 'order-created' of stream 'ORDERS' for OrderCreatedConsumer.handle does not exist. With provisioning 'none' " +
        "the service creates nothing. Create it, or start this service once with provisioning 'apply'.",
    );
    expect(writes).toEqual([]);
  });

  it.each<[string, JetStreamConsumerOptions]>([
    ['a pull consumer', {}],
    ['a push consumer', { deliverGroup: 'shop' }],
    ['an ephemeral consumer', { durable: false }],
    ['an ordered consumer', { durable: false, orderedConsumer: true, deadLetter: 'off' }],
  ])('delivers through %s', async (_how, options) => {
    await startOnce({ controllers: [consumer([], options)] });
    const handled: number[] = [];
    const app = await startTestApp(server.url, { ...ALL, controllers: [consumer(handled, options)], provisioning });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => handled.length === 1);
  });

  it('warns about a difference, and receives messages on the subject of the server', async () => {
    await startOnce({ controllers: [consumer([], { deliverTo: 'old' })] });
    const writes = await watchWrites(jetStream);
    const handled: number[] = [];
    const { logger, lines } = logLines();
    const controllers = [consumer(handled, { deliverTo: 'new' })];
    const app = await startTestApp(server.url, { ...ALL, controllers, provisioning, logger });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => handled.length === 1);
    expect(lines.join('\n')).toContain(
      `differs from the options of OrderCreatedConsumer.handle: deliver_subject is "old.order-created", declared "new.order-created".`,
    );
    expect(writes).toEqual([]);
  });

  it('refuses to pull from a push consumer', async () => {
    await startOnce({ controllers: [consumer([], { deliverTo: 'in' })] });
    const error = await failureOf({ controllers: [consumer()], provisioning });
    expect(error).toMatchObject({ code: 'CONSUMER_DRIFT' });
  });

  it('works with permissions only to request and acknowledge messages of its durables', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nats-permissions-'));
    try {
      const file = join(folder, 'server.conf');
      const allowed = [
        `$JS.API.CONSUMER.INFO.ORDERS.${DURABLE}`,
        `$JS.API.CONSUMER.MSG.NEXT.ORDERS.${DURABLE}`,
        `$JS.ACK.ORDERS.${DURABLE}.>`,
      ];
      await writeFile(
        file,
        `authorization { users: [
          { user: admin, password: admin }
          { user: reader, password: reader, permissions: { publish: ${JSON.stringify(allowed)}, subscribe: "_INBOX.>" } }
        ] }`,
      );
      const { url } = await startTestServer({ extraArguments: ['-c', file] });
      const as = (user: string): NatsJetStreamTransportOptions => ({
        connectionOptions: { servers: url, user, pass: user },
      });
      const handled: number[] = [];
      const controllers = [consumer(handled, { deadLetter: 'off', maxDeliver: -1 })];
      const admin = await startTestApp(url, { ...ALL, controllers, ...as('admin') });
      await admin.get(NatsJetStreamServer).close();
      await startTestApp(url, { ...ALL, controllers, provisioning, ...as('reader') });
      await admin.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
      await eventually('everything is handled', () => handled.length === 1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

it.each(['verify', 'none'] as const)(
  'waits for a deleted durable with provisioning %s, and reports it',
  async (provisioning) => {
    const options = { deadLetter: 'off' } as const;
    await startOnce({ controllers: [consumer([], options)] });
    const { config } = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    const handled: number[] = [];
    const { logger, lines } = logLines();
    const app = await startTestApp(server.url, {
      ...ALL,
      controllers: [consumer(handled, options)],
      provisioning,
      logger,
    });
    const writes = await watchWrites(jetStream);
    await jetStream.manager.consumers.delete('ORDERS', DURABLE);
    await eventually('the missing durable is logged', () =>
      lines.some((line) => line.includes(`'${DURABLE}' of stream 'ORDERS'`)),
    );
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    expect(app.get(NatsJetStreamServer).health().status).toBe('down');
    expect(writes).toEqual([`$JS.API.CONSUMER.DELETE.ORDERS.${DURABLE}`]);
    await jetStream.manager.consumers.add('ORDERS', config);
    await eventually('everything is handled', () => handled.length === 1);
  },
);
