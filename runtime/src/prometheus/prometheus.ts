import { InvalidOptionError } from '../errors/configuration.errors';
import { assertKnownOptions, isOptionsObject, typeOf } from '../errors/options-object';
import { MetricsTelemetry } from '../telemetry/metrics';
import type { Telemetry } from '../telemetry/telemetry';
import { PrometheusMetrics, type PrometheusClient, type PrometheusRegistry } from './prometheus-metrics';

/** Options of {@link prometheus}. */
export interface PrometheusOptions {
  /** Registry of the metrics. Default: `client.register`. */
  registry?: PrometheusRegistry;
}

/** Metrics of each registry. A registry refuses a name that it already has. */
const known = new WeakMap<PrometheusRegistry, PrometheusMetrics>();

/**
 * Records metrics in the registry of the application. Pass the module that serves `/metrics`:
 * `prom-client` and `@prometheus-io/client` have separate registries.
 *
 * ```ts
 * import * as client from 'prom-client';
 * NatsJetStreamTransport.register({ id: 'shop', telemetry: [prometheus(client)] });
 * ```
 * @throws InvalidOptionError (`INVALID_OPTION`) for another module
 */
export function prometheus(client: PrometheusClient, options: PrometheusOptions = {}): Telemetry {
  if (!isPrometheusClient(client))
    throw InvalidOptionError.of(
      `prometheus() needs the module 'prom-client' or '@prometheus-io/client', but got ${typeOf(client)}. ` +
        "Write import * as client from 'prom-client', and pass client.",
    );
  assertKnownOptions(options, ['registry'], { owner: 'prometheus()' });
  const { registry = client.register } = options;
  let metrics = known.get(registry);
  // An application may have cleared its registry, as in tests.
  if (!metrics?.isRegistered) {
    metrics = new PrometheusMetrics(client, registry);
    known.set(registry, metrics);
  }
  return new MetricsTelemetry(metrics);
}

function isPrometheusClient(client: unknown): client is PrometheusClient {
  const classes = ['Counter', 'Gauge', 'Histogram'];
  return (
    isOptionsObject(client) &&
    classes.every((name) => typeof Reflect.get(client, name) === 'function') &&
    typeof Reflect.get(client, 'register') === 'object'
  );
}
