import { Controller } from '@nestjs/common';
import { context, metrics, propagation, trace, type SpanContext } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { headers } from '@nats-io/transport-node';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type ProcessObserver,
  type Telemetry,
} from '@nest-jetstream/transport';
import { openTelemetry } from '@nest-jetstream/transport/opentelemetry';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';
import { registerTracing } from '../support/tracing';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

/** Span contexts that the handler has seen. */
const seen: (SpanContext | undefined)[] = [];

@Controller()
class Orders {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'orders' })
  async handle(): Promise<void> {
    seen.push(trace.getSpanContext(context.active()));
  }
}

/** Is not active, and counts the calls that it should not receive. */
class Inactive implements Telemetry {
  calls = 0;
  isActive(): boolean {
    return false;
  }
  processing(): ProcessObserver {
    this.calls++;
    return {};
  }
}

const start = async () => {
  const { url } = await startTestServer();
  const inactive = new Inactive();
  const app = await startTestApp(url, {
    controllers: [Orders],
    streams: [OrdersStream],
    telemetry: [openTelemetry(), inactive],
  });
  const client = app.get(NatsJetStreamClientProxy);
  return { client, inactive, jetStream: await probe(url) };
};
const untilHandled = async (count: number): Promise<void> =>
  eventually('the messages are handled', () => seen.length === count);

describe('openTelemetry', () => {
  beforeEach(() => seen.splice(0));

  it('passes the trace to the handler and to its events with a propagator, without an SDK', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const { client, inactive, jetStream } = await start();
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    try {
      const stored = headers();
      stored.set('traceparent', `00-${TRACE_ID}-${SPAN_ID}-01`);
      await jetStream.client.publish('order.created', JSON.stringify(order(1)), { headers: stored });
      await untilHandled(1);
      expect(seen[0]).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID });
      const received = trace.setSpanContext(context.active(), { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 });
      const { seq } = await context.with(received, async () => client.emitAsync('order.deleted', { id: 1 }));
      const message = await jetStream.manager.streams.getMessage('ORDERS', { seq });
      expect(message?.header.get('traceparent')).toBe(`00-${TRACE_ID}-${SPAN_ID}-01`);
      expect(inactive.calls).toBe(0);
    } finally {
      propagation.disable();
      context.disable();
    }
  });

  it('does nothing without an SDK, and records spans and metrics from its registration on', async () => {
    const { client, jetStream } = await start();
    const { seq } = await client.emitAsync(ORDER_CREATED, order(1));
    await untilHandled(1);
    expect(seen).toEqual([undefined]);
    const message = await jetStream.manager.streams.getMessage('ORDERS', { seq });
    expect(message?.header.get('traceparent')).toBe('');

    const { exporter } = registerTracing();
    const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ readers: [reader] });
    metrics.setGlobalMeterProvider(provider);
    await client.emitAsync(ORDER_CREATED, order(2));
    await untilHandled(2);
    await eventually('the spans have ended', () => exporter.getFinishedSpans().length === 2);
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([
      'publish order.created',
      'process order.created',
    ]);

    await reader.forceFlush();
    const recorded = metricExporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((each) => each.metrics));
    const valueOf = (wanted: string): unknown =>
      recorded.find(({ descriptor: { name } }) => name === wanted)?.dataPoints[0]?.value;
    expect(valueOf('messaging.client.sent.messages')).toBe(1);
    expect(valueOf('messaging.client.consumed.messages')).toBe(1);
    expect(valueOf('nest_jetstream.consumer.lag')).toBe(0);
    await provider.shutdown();
  });
});
