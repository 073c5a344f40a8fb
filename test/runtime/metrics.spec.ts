import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { parseMetrics, unknownIn } from '../support/metrics-page';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

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

/** Returns a handler that dead-letters event 2, and retries event 3 once. */
function failing(): (event: OrderCreatedEvent) => void {
  let isRepeated = false;
  return ({ id }) => {
    if (id === 2) throw new TerminateError('broken');
    if (id !== 3 || isRepeated) return;
    isRepeated = true;
    throw new Error('once');
  };
}

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[] }[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
}

/** Returns the PromQL expressions of the alert rules in the docs. */
function alertExpressions(): string[] {
  const page = readFileSync(join(__dirname, '../../docs/telemetry.md'), 'utf8');
  const [, rules = ''] = /```yaml\n(groups:[\s\S]*?)```/.exec(page) ?? [];
  return [...rules.matchAll(/ expr: ([\s\S]*?)(?=\n +(?:for:|- alert:)|\n$)/g)].map(([, text = '']) => text);
}

/** Returns the PromQL expressions of the dashboard. Legends and variables name labels too. */
function dashboardExpressions(): string[] {
  const file = join(__dirname, '../../examples/grafana/nest-jetstream.json');
  const { panels, templating } = JSON.parse(readFileSync(file, 'utf8')) as Dashboard;
  const ofPanels = panels.flatMap(({ targets }) =>
    targets.map(({ expr, legendFormat }) => {
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      return `${expr} by (${labels.join(', ')})`;
    }),
  );
  const ofVariables = templating.list.flatMap(({ definition = '' }) => {
    const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
    return selector === undefined ? [] : [`${selector} by (${label})`];
  });
  return [...ofPanels, ...ofVariables];
}

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
      controllers: [consumerThat(failing())],
      streams: [OrdersStream],
      telemetry: [prometheus(client)],
    });
    const publisher = app.get(NatsJetStreamClientProxy);
    for (const id of [1, 2, 3]) await publisher.emitAsync(ORDER_CREATED, order(id));
    await expect(publisher.emitAsync('nowhere.7', {})).rejects.toMatchObject({ code: 'NO_STREAM_FOR_SUBJECT' });
    await publisher.request('total.orders', {});
    await eventually('all messages are settled', async () => {
      const { ack_floor } = await jetStream.manager.consumers.info('ORDERS', 'orders');
      return ack_floor.stream_seq === 3;
    });

    const samples = parseMetrics(await client.register.metrics());
    const consumer = { connection: 'default', stream: 'ORDERS', durable: 'orders' };
    const event = { ...consumer, subject: 'order.created' };
    const sent = { connection: 'default', subject: 'order.created', operation: 'publish' };
    expect(samples).toMatchObject({
      nest_jetstream_published_messages_total: [
        { labels: { ...sent, subject: '', code: 'NO_STREAM_FOR_SUBJECT' }, value: 1 },
        { labels: { ...sent, code: 'ok' }, value: 3 },
      ],
      nest_jetstream_publish_duration_seconds_count: [{ value: 1 }, { value: 3 }],
      nest_jetstream_handled_messages_total: [
        { labels: { ...event, outcome: 'ack' }, value: 2 },
        { labels: { ...event, outcome: 'dead_letter' }, value: 1 },
        { labels: { ...event, outcome: 'retry' }, value: 1 },
      ],
      nest_jetstream_handler_duration_seconds_count: [
        { labels: { ...event, outcome: 'ack', code: 'ok' }, value: 2 },
        { labels: { ...event, outcome: 'dead_letter', code: 'TerminateError' }, value: 1 },
        { labels: { ...event, outcome: 'retry', code: 'Error' }, value: 1 },
      ],
      nest_jetstream_redelivered_messages_total: [{ labels: consumer, value: 1 }],
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
    for (const { prometheus: name, labels } of Object.values(METRICS)) {
      const [sample] = samples[name] ?? samples[`${name}_count`] ?? [];
      expect([name, new Set(Object.keys(sample?.labels ?? {}))]).toEqual([name, new Set<string>(labels)]);
    }
    for (const expressions of [alertExpressions(), dashboardExpressions()]) {
      expect(expressions.length).toBeGreaterThan(6);
      expect(expressions.flatMap((expression) => unknownIn(expression, samples))).toEqual([]);
    }
  });

  it('has all metrics in the table of the docs', () => {
    const page = readFileSync(join(__dirname, '../../docs/telemetry.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `nest_jetstream_'));
    const cells = rows.map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')));
    const documented = cells.map(([, ...row]) => row.slice(0, 4).join(' | '));
    const declared = Object.values(METRICS).map((metric) =>
      [metric.prometheus, metric.openTelemetry, metric.kind, metric.labels.join(', ')].join(' | '),
    );
    expect(documented.toSorted()).toEqual(declared.toSorted());
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
    const { nest_jetstream_published_messages_total: published } = parseMetrics(await promClient.register.metrics());
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
  const samples = parseMetrics(await promClient.register.metrics());
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
    expect(lag).toBeLessThan(oldest + 60);
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
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    expect(await read('lag_seconds')).toBeUndefined();
    expect(await read('pending')).toBeDefined();
    // The log of the connection would have a second line by now.
    await client.emitAsync(ORDER_CREATED, order(2));
    expect(lines.filter((line) => line.includes('MSG.GET.ORDERS'))).toEqual([
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
