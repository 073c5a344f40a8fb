import {
  DURATION_BUCKETS,
  METRICS,
  readGauges,
  type GaugeName,
  type GaugeValue,
  type Metric,
  type MetricLabels,
  type MetricSink,
} from '../telemetry/metrics';
import type { TelemetryService } from '../telemetry/telemetry';

/** The part of a registry that is used. */
export interface PrometheusRegistry {
  /** Returns the metric with a name, or undefined. */
  getSingleMetric(name: string): unknown;
}

/** The part of `prom-client` and `@prometheus-io/client` that is used. */
export interface PrometheusClient {
  readonly Counter: new (configuration: never) => object;
  readonly Gauge: new (configuration: never) => object;
  readonly Histogram: new (configuration: never) => object;
  readonly register: PrometheusRegistry;
}

interface Counter {
  inc(labels: MetricLabels, value: number): void;
}

interface Gauge {
  set(labels: MetricLabels, value: number): void;
  reset(): void;
}

interface Histogram {
  observe(labels: MetricLabels, value: number): void;
}

/** Metrics in one Prometheus registry. */
export class PrometheusMetrics implements MetricSink {
  readonly isActive = true;
  private readonly recorded = new Map<string, (value: number, labels: MetricLabels) => void>();
  private readonly services = new Set<TelemetryService>();
  private reading: Promise<readonly GaugeValue[]> | undefined;

  constructor(
    private readonly client: PrometheusClient,
    private readonly registry: PrometheusRegistry,
  ) {
    for (const [name, metric] of Object.entries<Metric>(METRICS)) {
      if (metric.kind === 'gauge') this.addGauge(name as GaugeName, metric);
      else if (metric.kind === 'counter') this.addCounter(name, metric);
      else this.addHistogram(name, metric);
    }
  }

  /** False after the application cleared the registry. */
  get isRegistered(): boolean {
    return this.registry.getSingleMetric(METRICS.published.prometheus) !== undefined;
  }

  record(metric: keyof typeof METRICS, value: number, labels: MetricLabels): void {
    this.recorded.get(metric)?.(value, labels);
  }

  watching(service: TelemetryService): void {
    this.services.add(service);
  }

  private addCounter(name: string, metric: Metric): void {
    const counter = this.create<Counter>('Counter', metric, {});
    this.recorded.set(name, (value, labels) => counter.inc(labels, value));
  }

  private addHistogram(name: string, metric: Metric): void {
    const histogram = this.create<Histogram>('Histogram', metric, { buckets: [...DURATION_BUCKETS] });
    this.recorded.set(name, (value, labels) => histogram.observe(labels, value));
  }

  /** The client calls `collect` of all gauges at once, at each scrape. */
  private addGauge(name: GaugeName, metric: Metric): void {
    const collect = async (): Promise<void> => {
      const values = await this.read();
      gauge.reset();
      for (const { metric: read, value, labels } of values) if (read === name) gauge.set(labels, value);
    };
    const gauge = this.create<Gauge>('Gauge', metric, { collect });
  }

  private create<Instrument>(kind: 'Counter' | 'Gauge' | 'Histogram', metric: Metric, own: object): Instrument {
    const { prometheus: name, help, labels } = metric;
    const configuration = { name, help, labelNames: [...labels], registers: [this.registry], ...own };
    return new this.client[kind](configuration as never) as Instrument;
  }

  private read(): Promise<readonly GaugeValue[]> {
    this.reading ??= this.readAll().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async readAll(): Promise<readonly GaugeValue[]> {
    const services = [...this.services];
    for (const service of services) if (service.connectionStatus === 'closed') this.services.delete(service);
    return (await Promise.all(services.map(readGauges))).flat();
  }
}
