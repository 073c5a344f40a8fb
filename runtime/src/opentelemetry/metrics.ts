import {
  metrics,
  type Attributes,
  type Counter,
  type Histogram,
  type MeterProvider,
  type ObservableGauge,
} from '@opentelemetry/api';
import {
  DURATION_BUCKETS,
  METRICS,
  readGauges,
  type GaugeName,
  type Metric,
  type MetricLabel,
  type MetricLabels,
  type MetricSink,
} from '../telemetry/metrics';
import type { TelemetryService } from '../telemetry/telemetry';
import { ATTRIBUTE, SCOPE, SYSTEM } from './names';

/** Attribute of each label. */
const ATTRIBUTE_OF: Readonly<Record<MetricLabel, string>> = {
  connection: 'nest_jetstream.connection',
  stream: ATTRIBUTE.stream,
  durable: ATTRIBUTE.group,
  subject: ATTRIBUTE.template,
  outcome: ATTRIBUTE.outcome,
  code: ATTRIBUTE.errorType,
  reason: ATTRIBUTE.errorType,
  state: 'nest_jetstream.consumer.state',
  operation: ATTRIBUTE.operationName,
};

interface Instruments {
  readonly recorded: ReadonlyMap<string, (value: number, attributes: Attributes) => void>;
}

/** Records metrics with the OpenTelemetry SDK of the application. */
export class OpenTelemetryMetrics implements MetricSink {
  private provider: MeterProvider | undefined;
  private instruments: Instruments | undefined;
  private readonly services = new Set<TelemetryService>();

  get isActive(): boolean {
    this.followProvider();
    return this.instruments !== undefined;
  }

  record(metric: keyof typeof METRICS, value: number, labels: MetricLabels): void {
    this.instruments?.recorded.get(metric)?.(value, attributesOf(labels));
  }

  watching(service: TelemetryService): void {
    this.services.add(service);
    // The gauges are also read if there are no messages.
    this.followProvider();
  }

  /** Creates the instruments when an SDK is registered, even after the start. */
  private followProvider(): void {
    const provider = metrics.getMeterProvider();
    if (provider === this.provider) return;
    this.provider = provider;
    this.instruments = this.create(provider);
  }

  private create(provider: MeterProvider): Instruments | undefined {
    const meter = provider.getMeter(SCOPE);
    const { openTelemetry: counters } = METRICS.published;
    // Without an SDK, all counters are the same object.
    if (meter.createCounter(counters) === meter.createCounter(METRICS.handled.openTelemetry)) return undefined;
    const recorded = new Map<string, (value: number, attributes: Attributes) => void>();
    const gauges = new Map<GaugeName, ObservableGauge>();
    for (const [name, metric] of Object.entries<Metric>(METRICS)) {
      const { kind, openTelemetry, help: description, unit } = metric;
      if (kind === 'gauge') {
        gauges.set(name as GaugeName, meter.createObservableGauge(openTelemetry, { description, unit }));
      } else if (kind === 'counter') {
        const counter: Counter = meter.createCounter(openTelemetry, { description, unit });
        recorded.set(name, (value, attributes) => counter.add(value, attributes));
      } else {
        const advice = { explicitBucketBoundaries: [...DURATION_BUCKETS] };
        const histogram: Histogram = meter.createHistogram(openTelemetry, { description, unit, advice });
        recorded.set(name, (value, attributes) => histogram.record(value, attributes));
      }
    }
    meter.addBatchObservableCallback(
      async (result) => {
        for (const service of this.services) {
          if (service.connectionStatus === 'closed') this.services.delete(service);
          for (const { metric, value, labels } of await readGauges(service)) {
            const gauge = gauges.get(metric);
            if (gauge) result.observe(gauge, value, attributesOf(labels));
          }
        }
      },
      [...gauges.values()],
    );
    return { recorded };
  }
}

function attributesOf(labels: MetricLabels): Attributes {
  const attributes: Attributes = { [ATTRIBUTE.system]: SYSTEM };
  for (const [label, value] of Object.entries(labels)) {
    // The conventions leave these out on success, and if they are not known.
    if (value === '' || (label === 'code' && value === 'ok')) continue;
    attributes[ATTRIBUTE_OF[label as MetricLabel]] = value;
  }
  return attributes;
}
