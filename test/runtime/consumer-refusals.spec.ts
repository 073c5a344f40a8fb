import { Controller, type Type } from '@nestjs/common';
import { JetStreamApiError, type ConsumerConfig, type StreamConfig } from '@nats-io/jetstream';
import { JetStreamConsumer, type ConsumerRefusedError, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { startConfiguredServer } from '../support/configured-server';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';

const LABEL = 'Orders.handle';
const DURABLE = 'orders';

function consumer(options: JetStreamConsumerOptions = {}): Type {
  @Controller()
  class Orders {
    @JetStreamConsumer('order.created', { durable: DURABLE, deadLetter: 'off', ...options })
    handle(): void {}
  }
  return Orders;
}

async function refusalOf(url: string, options: TestAppOptions): Promise<Error> {
  const failure = await startTestApp(url, options).catch((error: unknown) => error);
  if (failure instanceof Error) return failure;
  throw new Error('the application started');
}

interface Refusal {
  readonly stream?: Partial<StreamConfig>;
  readonly other?: Partial<ConsumerConfig>;
  readonly options?: JetStreamConsumerOptions;
  readonly remedy: string;
}

const OTHER = { durable_name: 'other', ack_policy: 'explicit' } as const;

/** Error codes of nats-server with a declaration that causes each. */
const REFUSALS: readonly (readonly [code: number, refusal: Refusal])[] = [
  [10_026, { stream: { max_consumers: 1 }, other: OTHER, remedy: 'max_consumers of the stream' }],
  [10_074, { options: { numReplicas: 3 }, remedy: 'Remove numReplicas' }],
  [10_084, { stream: { retention: 'workqueue' }, options: { ackPolicy: 'None' }, remedy: "Use ackPolicy 'Explicit'" }],
  [
    10_098,
    {
      stream: { retention: 'workqueue' },
      options: { ackPolicy: 'None', deliverTo: 'in' },
      remedy: "Use ackPolicy 'Explicit'",
    },
  ],
  [
    10_100,
    {
      stream: { retention: 'workqueue' },
      other: { ...OTHER, filter_subject: 'order.*' },
      remedy: 'Give each handler subjects of its own',
    },
  ],
  [
    10_101,
    { stream: { retention: 'workqueue' }, options: { deliverPolicy: 'New' }, remedy: "Use deliverPolicy 'All'" },
  ],
  [10_102, { options: { durable: 'x'.repeat(300) }, remedy: 'Use a shorter durable name' }],
  [10_107, { options: { description: 'x'.repeat(5_000) }, remedy: 'Use a shorter description' }],
  [
    10_121,
    {
      stream: { consumer_limits: { max_ack_pending: 10 } },
      options: { maxAckPending: 100 },
      remedy: 'Lower maxAckPending',
    },
  ],
  [10_135, { options: { metadata: { text: 'x'.repeat(200_000) } }, remedy: 'Use less metadata' }],
  [
    10_153,
    {
      stream: { consumer_limits: { inactive_threshold: 60e9 } },
      options: { inactiveThreshold: '2m' },
      remedy: 'Lower inactiveThreshold',
    },
  ],
];

describe('Consumer that the server refuses', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    ({ url } = await startTestServer());
    jetStream = await probe(url);
  });

  it.each(REFUSALS)(
    'fails startup with the handler, durable, stream and remedy: %i',
    async (code, { stream, other, options, remedy }) => {
      await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], ...stream });
      if (other) await jetStream.manager.consumers.add('ORDERS', other);
      const error = await refusalOf(url, { controllers: [consumer(options)] });
      const durable = options?.durable ?? DURABLE;
      expect(error).toMatchObject({
        code: 'CONSUMER_REFUSED',
        durable,
        stream: 'ORDERS',
        handler: LABEL,
        value: durable,
      });
      expect(error.message).toContain(
        `Cannot create durable '${durable}' of stream 'ORDERS' for ${LABEL}. The server answered "`,
      );
      expect(error.message).toContain(remedy);
      const { cause } = error as ConsumerRefusedError;
      expect(cause).toBeInstanceOf(JetStreamApiError);
      expect(cause).toMatchObject({ code });
    },
  );

  it('fails startup with the durable if an update is refused', async () => {
    const { manager } = jetStream;
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], consumer_limits: { max_ack_pending: 1_000 } });
    await (await startTestApp(url, { controllers: [consumer()] })).close();
    const error = await refusalOf(url, { controllers: [consumer({ maxAckPending: 5_000 })] });
    expect(error).toMatchObject({ code: 'CONSUMER_REFUSED', cause: { code: 10_121 } });
    expect(error.message).toContain(`Cannot update durable 'orders' of stream 'ORDERS' for ${LABEL}.`);
  });

  it('fails startup with a remedy for the consumer limit of an account', async () => {
    const server = await startConfiguredServer(`
      accounts { A { jetstream: { max_consumers: 1 }, users: [{ user: a, password: a }] } }
      no_auth_user: a
    `);
    const { manager } = await probe(server.url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await manager.consumers.add('ORDERS', OTHER);
    const error = await refusalOf(server.url, { controllers: [consumer()] });
    expect(error).toMatchObject({ code: 'CONSUMER_REFUSED', cause: { code: 10_026 } });
    expect(error.message).toContain('or raise max_consumers of the stream or of the account');
  });
});

describe('Missing permissions for consumers', () => {
  it.each<[string, string, string, JetStreamConsumerOptions]>([
    ['read', '$JS.API.CONSUMER.INFO.>', '$JS.API.CONSUMER.INFO.ORDERS.orders', {}],
    ['create', '$JS.API.CONSUMER.DURABLE.CREATE.>', '$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.orders', {}],
    ['update', '$JS.API.CONSUMER.DURABLE.CREATE.>', '$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.orders', { ackWait: '5s' }],
  ])(
    'fail startup with the handler, the durable and the subject to allow: %s',
    async (task, denied, subject, options) => {
      const server = await startConfiguredServer(`
      authorization { users: [
        { user: admin, password: admin }
        { user: reader, password: reader, permissions: { publish: { deny: ${JSON.stringify(denied)} } } }
      ] }
      jetstream {}
    `);
      const as = (user: string) => ({ connectionOptions: { servers: server.url, user, pass: user } });
      const streamConfig = { name: 'ORDERS', subjects: ['order.>'] };
      const admin = task === 'update' ? [consumer()] : [];
      await (await startTestApp(server.url, { controllers: admin, streamConfig, ...as('admin') })).close();
      const error = await refusalOf(server.url, { controllers: [consumer(options)], ...as('reader') });
      expect(error).toMatchObject({ code: 'PERMISSION_DENIED', operation: 'publish', value: subject });
      expect(error.message).toBe(
        `Not allowed to ${task} durable 'orders' of stream 'ORDERS' for ${LABEL}. ` +
          `Allow the user of the connection to publish to '${subject}'.`,
      );
    },
  );
});
