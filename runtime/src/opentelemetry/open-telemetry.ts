import { trace } from '@opentelemetry/api';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertKnownOptions, isOptionsObject } from '../errors/options-object';
import { MetricsTelemetry } from '../telemetry/metrics';
import type { Telemetry } from '../telemetry/telemetry';
import { durationMillis, type Duration } from '../util/duration';
import { Carrier } from './carrier';
import { OpenTelemetryMetrics } from './metrics';
import { SCOPE } from './names';
import { Spans } from './spans';

/** Options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /**
   * Maximum age of a message whose handler continues the trace of its publisher. The handler of an
   * older message begins a new trace with a link to it. `0` always begins a new trace. Default
   * 10 min.
   */
  parentUntil?: Duration;
  /**
   * Sends the baggage with events and requests, and passes it to handlers. The stream stores it as
   * long as the event. Default: false.
   */
  baggage?: boolean;
  /** Adds the messages and stacks of failures to spans. Default: true. */
  recordExceptions?: boolean;
  /** Records metrics too. Set it to false to use `prometheus(client)` instead. Default: true. */
  metrics?: boolean;
}

const OPTIONS = ['baggage', 'metrics', 'parentUntil', 'recordExceptions'] as const;

/**
 * Creates spans and metrics with the OpenTelemetry SDK of the application. Without an SDK it only
 * passes the context on, if a propagator is registered. Pass it to `register` as in
 * `telemetry: [openTelemetry()]`.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): readonly Telemetry[] {
  if (!isOptionsObject(options))
    throw new InvalidOptionError('openTelemetry()', options, "pass an object such as { parentUntil: '10m' }");
  assertKnownOptions(options, OPTIONS, { owner: 'openTelemetry()' });
  const { parentUntil = '10m', baggage = false, recordExceptions = true, metrics = true } = options;
  for (const [option, value] of Object.entries({ baggage, recordExceptions, metrics }))
    if (typeof value !== 'boolean') throw new InvalidOptionError(option, value, 'pass true or false');
  const parentUntilMs = parentUntil === 0 ? 0 : durationMillis(parentUntil, 'parentUntil');
  const spans = new Spans(trace.getTracer(SCOPE), new Carrier(baggage), { parentUntilMs, recordExceptions });
  return metrics ? [spans, new MetricsTelemetry(new OpenTelemetryMetrics())] : [spans];
}
