import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import * as prometheusIo from '@prometheus-io/client';
import * as promClient from 'prom-client';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  TerminateError,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { openTelemetry } from '@nest-jetstream/transport/opentelemetry';
import { prometheus } from '@nest-jetstream/transport/prometheus';
import { METRICS } from '../../runtime/src/telemetry/metrics';
import { startConfiguredServer } from '../support/configured-server';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

type Samples = Record<string, { labels: Record<string, string>; value: number }[]>;

/** Parses the text of /metrics. */
function parse(page: string): Samples {
  const samples: Samples = {};
  for (const line of page.split('\n')) {
    const { name, labels, value } = /^(?<name>\w+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/.exec(line)?.groups ?? {};
    if (name === undefined) continue;
    const pairs = [...(labels ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text]);
    (samples[name] ??= []).push({ labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return samples;
}

function consumerThat(onEvent: (event: OrderCreatedEvent) => unknown, options: JetStreamConsumerOptions = {}) {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', retryDelay: 5, ...options })
    async handle(@Payload() event: OrderCreatedEvent): Promise<void> {
      await onEvent(event);
    }
    @MessagePattern('total.orders')
    total(): number {
      return 7;
    }
  }
  return Orders;
}

const failSecond = ({ id }: OrderCreatedEvent): void => {
  if (id === 2) throw new TerminateError('broken');
};

describe('prometheus', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    ({ url } = await startTestServer());
    jetStream = await probe(url);
    promClient.register.clear();
    prometheusIo.register.clear();
  });

  it.each([
    ['prom-client', promClient],
    ['@prometheus-io/client', prometheusIo],
  ])('serves all metrics with %s', async (_, client) => {
    const app = await startTestApp(url, {
      controllers: [consumerThat(failSecond)],
      streams: [OrdersStream],
      telemetry: [prometheus(client)],
    });
    const publisher = app.get(NatsJetStreamClientProxy);
    for (const id of [1, 2]) await publisher.emitAsync(ORDER_CREATED, order(id));
    await expect(publisher.emitAsync('nowhere.7', {})).rejects.toMatchObject({ code: 'NO_STREAM_FOR_SUBJECT' });
    await publisher.request('total.orders', {});
    await eventually('all messages are settled', async () => {
      const { ack_floor } = await jetStream.manager.consumers.info('ORDERS', 'orders');
      return ack_floor.stream_seq === 2;
    });

    const samples = parse(await client.register.metrics());
    const consumer = { connection: 'default', stream: 'ORDERS', durable: 'orders' };
    const event = { ...consumer, subject: 'order.created' };
    const sent = { connection: 'default', subject: 'order.created', operation: 'publish' };
    expect(samples).toMatchObject({
      nest_jetstream_published_messages_total: [
        { labels: { ...sent, code: 'ok' }, value: 2 },
        { labels: { ...sent, subject: '', code: 'NO_STREAM_FOR_SUBJECT' }, value: 1 },
      ],
      nest_jetstream_publish_duration_seconds_count: [{ value: 2 }, { value: 1 }],
      nest_jetstream_handled_messages_total: [
        { labels: { ...event, outcome: 'ack' }, value: 1 },
        { labels: { ...event, outcome: 'dead_letter' }, value: 1 },
      ],
      nest_jetstream_handler_duration_seconds_count: [
        { labels: { ...event, outcome: 'ack', code: 'ok' }, value: 1 },
        { labels: { ...event, outcome: 'dead_letter', code: 'TerminateError' }, value: 1 },
      ],
      nest_jetstream_dead_letters_stored_total: [{ labels: { ...event, reason: 'TerminateError' }, value: 1 }],
      nest_jetstream_request_duration_seconds_count: [{ labels: { code: 'ok' }, value: 1 }],
      nest_jetstream_response_duration_seconds_count: [{ labels: { subject: 'total.orders', code: 'ok' }, value: 1 }],
      nest_jetstream_connection_up: [{ labels: { connection: 'default' }, value: 1 }],
      nest_jetstream_consumer_state: [{ labels: { ...consumer, state: 'running' }, value: 1 }],
      nest_jetstream_consumer_in_flight: [{ labels: consumer, value: 0 }],
      nest_jetstream_consumer_pending: [{ labels: consumer, value: 0 }],
      nest_jetstream_consumer_ack_pending: [{ labels: consumer, value: 0 }],
      nest_jetstream_consumer_redelivered: [{ labels: consumer, value: 0 }],
      nest_jetstream_consumer_lag_seconds: [{ labels: consumer, value: 0 }],
      nest_jetstream_dead_letters: [{ labels: { connection: 'default', stream: 'ORDERS' }, value: 1 }],
    });
    const isRecorded = (name: string): boolean =>
      [name, `${name}_count`].some((each) => samples[each] !== undefined) || name.includes('redelivered_messages');
    expect(Object.values(METRICS).filter(({ prometheus: name }) => !isRecorded(name))).toEqual([]);
  });

  it('shares its metrics between two connections, and records again after the registry was cleared', async () => {
    prometheus(promClient);
    prometheus(promClient);
    promClient.register.clear();
    const app = await startTestApp(url, {
      controllers: [consumerThat(() => undefined)],
      streams: [OrdersStream],
      telemetry: [prometheus(promClient)],
    });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    const { nest_jetstream_published_messages_total: published } = parse(await promClient.register.metrics());
    expect(published).toMatchObject([{ value: 1 }]);
  });

  it('refuses a module that is not a Prometheus client', () => {
    expect(() => prometheus({} as never)).toThrow(
      "prometheus() needs the module 'prom-client' or '@prometheus-io/client', but got an object. " +
        "Write import * as client from 'prom-client', and pass client.",
    );
  });
});

const read = async (name: string): Promise<number | undefined> => {
  const samples = parse(await promClient.register.metrics());
  return samples[`nest_jetstream_consumer_${name}`]?.[0]?.value;
};

describe('The lag of a consumer', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    ({ url } = await startTestServer());
    jetStream = await probe(url);
    promClient.register.clear();
  });

  const start = async (handle: () => unknown, options: JetStreamConsumerOptions = {}) =>
    startTestApp(url, {
      controllers: [consumerThat(handle, options)],
      streams: [OrdersStream],
      telemetry: [prometheus(promClient)],
    });

  it('is the age of the oldest message that is not handled, while the handler hangs', async () => {
    const gate = new Gate();
    await start(() => gate.opened);
    const { seq } = await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await jetStream.client.publish('order.deleted', '{}');
    await eventually('the handler runs', async () => {
      return (await jetStream.manager.consumers.info('ORDERS', 'orders')).num_ack_pending === 1;
    });
    const stored = await jetStream.manager.streams.getMessage('ORDERS', { seq });
    const oldest = (Date.now() - (stored?.time.getTime() ?? 0)) / 1_000;
    const lag = await read('lag_seconds');
    expect(lag).toBeGreaterThanOrEqual(oldest - 0.1);
    expect(lag).toBeLessThan(oldest + 5);
    expect(await read('ack_pending')).toBe(1);
    expect(await read('in_flight')).toBe(1);
    gate.open();
  });

  it('counts messages that wait while the consumer is paused, and only those of its filter', async () => {
    const app = await start(() => undefined, { deliverPolicy: 'New' });
    await app.get(JetStreamAdmin).pauseConsumer('ORDERS', 'orders', new Date(Date.now() + 60_000));
    await jetStream.client.publish('order.deleted', '{}');
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    const storedAt = Date.now();
    await eventually('the message has an age', () => Date.now() - storedAt > 20);
    expect(await read('lag_seconds')).toBeGreaterThan(0);
    expect(await read('pending')).toBe(1);
  });

  it('is 0 on an empty stream, and without messages of its filter', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], duplicate_window: 120e9 });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await start(() => undefined, { deliverPolicy: 'New' });
    await jetStream.client.publish('order.deleted', '{}');
    expect(await read('lag_seconds')).toBe(0);
    expect(await read('pending')).toBe(0);
  });

  it('is missing, with one warning, if the server denies the request', async () => {
    const { url: limited } = await startConfiguredServer(
      `accounts { A { jetstream: enabled, users: [
        { user: shop, password: shop, permissions: { publish: { deny: ["$JS.API.STREAM.MSG.GET.ORDERS"] } } }
      ] } }`,
    );
    const { logger, lines } = logLines();
    const gate = new Gate();
    const app = await startTestApp(limited, {
      connectionOptions: { servers: limited, user: 'shop', pass: 'shop' },
      controllers: [consumerThat(() => gate.opened)],
      streams: [OrdersStream],
      telemetry: [prometheus(promClient)],
      logger,
    });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    expect(await read('lag_seconds')).toBeUndefined();
    expect(await read('pending')).toBeDefined();
    expect(lines.filter((line) => line.includes('the lag of'))).toEqual([
      "Not allowed to read the lag of consumer 'orders' of stream 'ORDERS'. Allow the user of the connection to publish to " +
        "'$JS.API.STREAM.MSG.GET.ORDERS'. Its metric is missing until the next start.",
    ]);
    gate.open();
  });
});

describe('openTelemetry', () => {
  it('records the metrics under their names of OpenTelemetry', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ readers: [reader] });
    metrics.setGlobalMeterProvider(provider);
    const { url } = await startTestServer();
    const app = await startTestApp(url, {
      controllers: [consumerThat(() => undefined)],
      streams: [OrdersStream],
      telemetry: [openTelemetry()],
    });
    const jetStream = await probe(url);
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('the message is settled', async () => {
      return (await jetStream.manager.consumers.info('ORDERS', 'orders')).ack_floor.stream_seq === 1;
    });
    await reader.forceFlush();
    const [exported] = exporter.getMetrics();
    const found = new Map(
      exported?.scopeMetrics.flatMap(({ metrics: all }) => all).map((each) => [each.descriptor.name, each]),
    );
    const names = [
      'messaging.client.operation.duration',
      'messaging.client.sent.messages',
      'messaging.process.duration',
    ];
    for (const name of [...names, 'messaging.client.consumed.messages'])
      expect(found.get(name)?.dataPoints).toHaveLength(1);
    expect(found.get('nest_jetstream.consumer.lag')?.dataPoints).toMatchObject([
      { value: 0, attributes: { 'nats.stream.name': 'ORDERS', 'messaging.consumer.group.name': 'orders' } },
    ]);
    expect(found.get('messaging.process.duration')?.dataPoints[0]?.attributes).toEqual({
      'messaging.system': 'nats',
      'nest_jetstream.connection': 'default',
      'nats.stream.name': 'ORDERS',
      'messaging.consumer.group.name': 'orders',
      'messaging.destination.template': 'order.created',
      'nats.outcome': 'ack',
    });
    await provider.shutdown();
    metrics.disable();
  });
});
