import { Controller } from '@nestjs/common';
import {
  InvalidOptionsError,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type ConsumerDefaults,
  type JetStreamConsumerOptions,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import type { ConsumerConfig } from '@nats-io/jetstream';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, ORDER_DELETED, OrdersStream, order } from '../support/orders';

/** Options of nats.js consumers that the transport does not have. */
const REFUSED = [
  'name',
  'maxBatch',
  'maxBytes',
  'maxExpires',
  'pauseUntil',
  'priorityGroups',
  'priorityPolicy',
  'priorityTimeout',
];

const SECOND = 1_000_000_000;
const DURABLE = 'shop-order-created';

function handlerWith(options: JetStreamConsumerOptions, received: unknown[] = []) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE, ...options })
    handle(event: unknown): void {
      received.push(event);
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

const start = (options: JetStreamConsumerOptions, received: unknown[] = [], more: NatsJetStreamTransportOptions = {}) =>
  startTestApp(server.url, { controllers: [handlerWith(options, received)], streams: [OrdersStream], ...more });

async function configOf(durable = DURABLE): Promise<ConsumerConfig> {
  return (await jetStream.manager.consumers.info('ORDERS', durable)).config;
}

async function failureOf(options: JetStreamConsumerOptions): Promise<unknown> {
  return start(options).then(
    () => 'it started',
    (error: unknown) => error,
  );
}

describe('Consumer options', () => {
  it.each<[string, JetStreamConsumerOptions, Partial<ConsumerConfig>]>([
    ['ackWait', { ackWait: '7s' }, { ack_wait: 7 * SECOND }],
    ['ackWait in ms', { ackWait: 7_000 }, { ack_wait: 7 * SECOND }],
    ['maxAckPending', { maxAckPending: 7 }, { max_ack_pending: 7 }],
    ['maxDeliver', { maxDeliver: 7 }, { max_deliver: -1 }],
    ['replayPolicy', { replayPolicy: 'Original' }, { replay_policy: 'original' }],
    ['ackPolicy', { ackPolicy: 'All', manualAck: true }, { ack_policy: 'all' }],
    ['sample', { sample: 7 }, { sample_freq: '7%' }],
    ['description', { description: 'seven' }, { description: 'seven' }],
    ['headersOnly', { headersOnly: true, deadLetter: 'off' }, { headers_only: true }],
    ['maxWaiting', { maxWaiting: 7 }, { max_waiting: 7 }],
    ['maxwaiting', { maxwaiting: 7 }, { max_waiting: 7 }],
    ['backoff', { backoff: ['1s', 7_000] }, { ack_wait: SECOND, backoff: [SECOND, 7 * SECOND] }],
    ['inactiveThreshold', { inactiveThreshold: '1h' }, { inactive_threshold: 3_600 * SECOND }],
    ['numReplicas', { numReplicas: 1 }, { num_replicas: 1 }],
    ['metadata', { metadata: { team: 'shop' } }, { metadata: { team: 'shop' } }],
    [
      'monitor',
      { monitor: { unprocessed: 1_000, lastAck: '5m' }, metadata: { team: 'shop' } },
      {
        metadata: {
          team: 'shop',
          'io.nats.monitor.enabled': 'true',
          'io.nats.monitor.unprocessed-critical': '1000',
          'io.nats.monitor.last-ack-critical': '300s',
        },
      },
    ],
    ['the defaults', {}, { max_deliver: -1, ack_wait: 30 * SECOND, max_ack_pending: 50_000 }],
    ['the default maxAckPending of a push consumer', { deliverTo: 'in' }, { max_ack_pending: 1_000 }],
    [
      'the default maxAckPending with orderAcross',
      { orderBy: () => '', orderAcross: 'instances', prefetch: 20 },
      { max_ack_pending: 20 },
    ],
    ['filterSubjects', { filterSubjects: ['order.created'] }, { filter_subjects: ['order.created'] }],
    ['memStorage', { memStorage: true }, { mem_storage: true }],
    ['limit', { limit: 8_000_000 }, { rate_limit_bps: 8_000_000, deliver_group: DURABLE }],
    ['flowControl', { flowControl: true }, { flow_control: true, idle_heartbeat: SECOND }],
    ['idleHeartbeat', { deliverTo: 'in', idleHeartbeat: '2s' }, { idle_heartbeat: 2 * SECOND }],
    ['deliverGroup', { deliverGroup: 'shop' }, { deliver_group: 'shop' }],
    ['deliverTo', { deliverTo: 'in' }, { deliver_subject: `in.${DURABLE}` }],
    ['deliverToSubject', { deliverToSubject: 'in.here' }, { deliver_subject: 'in.here' }],
    ['deliveryPolicy', { deliveryPolicy: 'New' }, { deliver_policy: 'new' }],
    ['deliverPolicy', { deliverPolicy: 'LastPerSubject' }, { deliver_policy: 'last_per_subject' }],
    ['startSequence', { startSequence: 7 }, { deliver_policy: 'by_start_sequence', opt_start_seq: 7 }],
    ['filterSubject', { filterSubject: 'order.created' }, { filter_subjects: ['order.created'] }],
  ])('send %s to the server and change nothing at a second start', async (_, options, expected) => {
    await (await start(options)).close();
    expect(await configOf()).toMatchObject(expected);
    await start(options);
    expect(await configOf()).toMatchObject(expected);
  });

  it.each<[string, JetStreamConsumerOptions]>([
    ['pull', {}],
    ['pull with heartbeats', { idleHeartbeat: 500 }],
    ['pull with maxMessages', { maxMessages: 2 }],
    ['push to a group', { deliverGroup: 'shop' }],
    ['push with flow control', { flowControl: true }],
    ['push with heartbeats', { deliverTo: 'in', idleHeartbeat: 500 }],
    ['push to a subject', { deliverToSubject: 'in.here' }],
    ['without acknowledgements', { ackPolicy: 'None' }],
  ])('handle every event and recreate a deleted consumer: %s', async (_, options) => {
    const received: unknown[] = [];
    const app = await start(options, received);
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await eventually('the first event is handled', () => received.length === 1);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', DURABLE));
    await jetStream.manager.consumers.delete('ORDERS', DURABLE);
    await client.emitAsync(ORDER_CREATED, order(2));
    await eventually('the second event is handled', () => received.length === 2);
    expect(received).toEqual([order(1), order(2)]);
  });

  it.each<[string, JetStreamConsumerOptions, number[]]>([
    ['startSequence', { startSequence: 2 }, [2, 3]],
    ['deliverPolicy Last', { deliverPolicy: 'Last' }, [3]],
    ['startAtTimeDelta', { startAtTimeDelta: '1h' }, [1, 2, 3]],
    ['startTime', { startTime: new Date(0) }, [1, 2, 3]],
  ])('start at %s', async (_, options, expected) => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    for (const id of [1, 2, 3]) await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(id));
    const received: OrderCreatedEvent[] = [];
    await (await start(options, received)).close();
    await start(options, received);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', DURABLE));
    // The server redelivers the messages that the first application handed back in any order.
    expect(received.toSorted((one, other) => one.id - other.id)).toEqual(expected.map(order));
  });

  it('pass no event with headersOnly', async () => {
    const received: unknown[] = [];
    const app = await start({ headersOnly: true, deadLetter: 'off' }, received);
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => received.length === 1);
    expect(received).toEqual([undefined]);
  });

  it('give each instance a consumer of its own with durable: false', async () => {
    const received: unknown[] = [];
    const options = { durable: false, deliverPolicy: 'New' } as const;
    const app = await start(options, received);
    await start(options, received);
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('both instances handle the event', () => received.length === 2);
    for await (const { config } of jetStream.manager.consumers.list('ORDERS')) {
      expect(config).toMatchObject({ inactive_threshold: 60 * SECOND });
      expect(config.durable_name).toBeUndefined();
    }
  });

  it.each(['consumerOptions', 'serverConsumerOptions'] as const)(
    'derive a durable name per handler from a default in %s',
    async (alias) => {
      @Controller()
      class Consumers {
        @JetStreamConsumer(ORDER_CREATED)
        created(): void {}
        @JetStreamConsumer(ORDER_DELETED)
        deleted(): void {}
      }
      const defaults: ConsumerDefaults = { durable: 'shop', ackWait: '7s' };
      await startTestApp(server.url, { controllers: [Consumers], streams: [OrdersStream], [alias]: defaults });
      const names: string[] = [];
      for await (const { name, config } of jetStream.manager.consumers.list('ORDERS')) {
        names.push(name);
        expect(config.ack_wait).toBe(7 * SECOND);
      }
      expect(names.toSorted()).toEqual([
        expect.stringMatching(/^shop-order-created-Consumers-created-\w{8}$/),
        expect.stringMatching(/^shop-order-deleted-Consumers-deleted-\w{8}$/),
      ]);
    },
  );

  it('update what the server can change', async () => {
    await (await start({ description: 'old', maxAckPending: 7, metadata: { team: 'a' } })).close();
    await start({ description: 'new', maxAckPending: 8, metadata: { team: 'b' } });
    expect(await configOf()).toMatchObject({ description: 'new', max_ack_pending: 8, metadata: { team: 'b' } });
  });

  it('change and remove thresholds of monitor without recreating the consumer', async () => {
    await (await start({ monitor: { unprocessed: 10, waiting: 5 } })).close();
    const { created } = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    await (await start({ monitor: { unprocessed: 20 } })).close();
    const changed = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    expect(changed.created).toBe(created);
    expect(changed.config.metadata).toMatchObject({ 'io.nats.monitor.unprocessed-critical': '20' });
    expect(changed.config.metadata).not.toHaveProperty(['io.nats.monitor.waiting-critical']);
    await start({});
    expect(Object.keys((await configOf()).metadata ?? {}).filter((key) => key.startsWith('io.nats.'))).toEqual([]);
  });

  it.each([
    [{ unprocesed: 1 }, "Unknown option 'monitor.unprocesed'. Did you mean 'unprocessed'?"],
    [{ unprocessed: 0 }, "Option 'monitor.unprocessed' cannot be 0. Pass a whole number from 1 up."],
    [{ lastAck: 'soon' }, 'Option \'monitor.lastAck\' cannot be "soon".'],
  ])('refuse the thresholds %j', async (monitor, message) => {
    expect(String(await failureOf({ monitor } as never))).toContain(message);
  });

  it.each<[string, JetStreamConsumerOptions, JetStreamConsumerOptions, RegExp]>([
    ['deliver_policy', {}, { startSequence: 7 }, /deliver_policy is "all", declared "by_start_sequence 7"/],
    ['ack_policy', {}, { ackPolicy: 'None' }, /ack_policy is "explicit", declared "none"/],
    ['max_waiting', {}, { maxWaiting: 7 }, /max_waiting is 512, declared 7/],
    ['deliver_subject', {}, { deliverTo: 'in' }, /deliver_(subject|group)/],
  ])('report drift of %s with both values', async (_, before, after, message) => {
    await (await start(before)).close();
    const error = await failureOf(after);
    expect(error).toMatchObject({ code: 'CONSUMER_DRIFT', message: expect.stringMatching(message) });
  });

  it.each<[string, JetStreamConsumerOptions, string]>([
    ['backoff with ackWait', { backoff: ['1s'], ackWait: '1s' }, 'backoff'],
    ['more backoff delays than maxDeliver allows', { backoff: ['1s', '2s', '3s'], maxDeliver: 2 }, 'backoff'],
    ['ackPolicy all without manualAck', { ackPolicy: 'All' }, 'ackPolicy'],
    ['ackPolicy none with maxDeliver', { ackPolicy: 'None', maxDeliver: 7 }, 'maxDeliver'],
    ['maxWaiting with push', { maxWaiting: 7, deliverTo: 'in' }, 'maxWaiting'],
    ['maxMessages with push', { maxMessages: 7, deliverTo: 'in' }, 'maxMessages'],
    ['flowControl with deliverGroup', { flowControl: true, deliverGroup: 'shop' }, 'deliverGroup'],
    ['deliverTo with deliverToSubject', { deliverTo: 'in', deliverToSubject: 'in.here' }, 'deliverTo'],
    ['startSequence with another deliverPolicy', { startSequence: 7, deliverPolicy: 'Last' }, 'startSequence'],
    ['ByStartSequence without a sequence', { deliverPolicy: 'ByStartSequence' }, 'deliverPolicy'],
    ['ByStartTime without a time', { deliverPolicy: 'ByStartTime' }, 'deliverPolicy'],
    ['two start times', { startTime: new Date(0), startAtTimeDelta: 7 }, 'startTime'],
    ['deliverPolicy with deliveryPolicy', { deliverPolicy: 'New', deliveryPolicy: 'New' }, 'deliveryPolicy'],
    ['a sample over 100', { sample: 101 }, 'sample'],
    ['a filter outside of the pattern', { filterSubject: 'order.deleted' }, 'filterSubject'],
    ['overlapping filters', { filterSubjects: ['order.created', 'order.created'] }, 'filterSubjects'],
    ['a deliverTo inside a declared stream', { deliverTo: 'order.in' }, 'deliverTo'],
    ['a deliverToSubject inside a declared stream', { deliverToSubject: 'order.in' }, 'deliverToSubject'],
    ['headersOnly with dead letters', { headersOnly: true }, 'headersOnly'],
    ...REFUSED.map((option): [string, JetStreamConsumerOptions, string] => [option, { [option]: 1 }, option]),
    ['an idleHeartbeat that is too long for pull', { idleHeartbeat: '1m' }, 'idleHeartbeat'],
  ])('refuse %s and name the option', async (_, options, option) => {
    const error = await failureOf(options);
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(`'${option}`) });
  });

  it('report all problems at once', async () => {
    const error = await failureOf({ sample: 101, backoff: ['1s'], ackWait: '1s', startSequence: 0 });
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(String(error)).toMatch(/'startSequence'[^]*'sample'[^]*'backoff'/);
  });

  it('report unknown options together with other problems, and a wrong default once', async () => {
    @Controller()
    class Consumers {
      @JetStreamConsumer(ORDER_CREATED, { maxRetries: 3, durable: 'a.b', sample: 101 } as object)
      created(): void {}
      @JetStreamConsumer(ORDER_DELETED, { filterSubject: 'elsewhere' })
      deleted(): void {}
    }
    const error: unknown = await startTestApp(server.url, {
      controllers: [Consumers],
      consumerOptions: { limitless: true, prefetch: 0 } as object,
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidOptionsError);
    const options = (error as InvalidOptionsError).errors.map(({ message }) => /ption '(\w+)'/.exec(message)?.[1]);
    expect(options).toHaveLength(6);
    expect(new Set(options)).toEqual(
      new Set(['durable', 'filterSubject', 'limitless', 'maxRetries', 'prefetch', 'sample']),
    );
  });

  it.each([
    ['the stream of its messages', 'order.in'],
    ['another stream', 'audit.in'],
  ])('refuse a delivery subject inside %s before a request to the server', async (_where, deliverTo) => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await jetStream.manager.streams.add({ name: 'AUDIT', subjects: ['audit.>'] });
    await expect(startTestApp(server.url, { controllers: [handlerWith({ deliverTo })] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      value: `${deliverTo}.${DURABLE}`,
    });
    expect(await jetStream.manager.consumers.list('ORDERS').next()).toEqual([]);
  });

  it('allow a stream that stores the inbox of a push consumer', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await jetStream.manager.streams.add({ name: 'INBOXES', subjects: ['_INBOX.>'], no_ack: true });
    const received: unknown[] = [];
    await startTestApp(server.url, {
      controllers: [handlerWith({ deliverGroup: 'shop', deadLetter: 'off' }, received)],
    });
    jetStream.connection.publish('order.created', '{"id":1}');
    await eventually('everything is handled', () => received.length === 1);
  });

  it('refuse one deliverToSubject for two handlers', async () => {
    @Controller()
    class Consumers {
      @JetStreamConsumer(ORDER_CREATED)
      created(): void {}
      @JetStreamConsumer(ORDER_DELETED)
      deleted(): void {}
    }
    const started = startTestApp(server.url, {
      controllers: [Consumers],
      consumerOptions: { deliverToSubject: 'in.here' },
    });
    await expect(started).rejects.toMatchObject({ message: expect.stringContaining("'deliverToSubject'") });
  });
});
