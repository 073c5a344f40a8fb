import { failureType } from './failure-type';
import type {
  ProcessObserver,
  PublishObserver,
  RequestObserver,
  ResponseObserver,
  Telemetry,
  TelemetryBacklog,
  TelemetryDeadLetter,
  TelemetryDelivery,
  TelemetryPublish,
  TelemetryRequest,
  TelemetryService,
} from './telemetry';

/** A metric, with its name in both systems. All labels have few values. */
export interface Metric {
  readonly kind: 'histogram' | 'counter' | 'gauge';
  /** Name in Prometheus. */
  readonly prometheus: string;
  /** Name in OpenTelemetry. */
  readonly openTelemetry: string;
  readonly unit: 's' | '{message}' | '1';
  readonly help: string;
  readonly labels: readonly MetricLabel[];
}

/** Names of labels in Prometheus. */
export type MetricLabel =
  'connection' | 'stream' | 'durable' | 'subject' | 'outcome' | 'code' | 'reason' | 'state' | 'operation';

export type MetricLabels = Partial<Record<MetricLabel, string>>;

/** Buckets of durations in seconds, as the OpenTelemetry conventions recommend. */
export const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** All metrics. docs/telemetry.md has the same table. */
export const METRICS = {
  publishDuration: {
    kind: 'histogram',
    prometheus: 'nest_jetstream_publish_duration_seconds',
    openTelemetry: 'messaging.client.operation.duration',
    unit: 's',
    help: 'Time from the call until the PubAck or the failure, over all attempts.',
    labels: ['connection', 'subject', 'operation', 'code'],
  },
  published: {
    kind: 'counter',
    prometheus: 'nest_jetstream_published_messages_total',
    openTelemetry: 'messaging.client.sent.messages',
    unit: '{message}',
    help: 'Messages that were published, or failed.',
    labels: ['connection', 'subject', 'operation', 'code'],
  },
  handlerDuration: {
    kind: 'histogram',
    prometheus: 'nest_jetstream_handler_duration_seconds',
    openTelemetry: 'messaging.process.duration',
    unit: 's',
    help: 'Time of one run of a handler until its messages are settled.',
    labels: ['connection', 'stream', 'durable', 'subject', 'outcome', 'code'],
  },
  handled: {
    kind: 'counter',
    prometheus: 'nest_jetstream_handled_messages_total',
    openTelemetry: 'messaging.client.consumed.messages',
    unit: '{message}',
    help: 'Messages that a handler received, by outcome.',
    labels: ['connection', 'stream', 'durable', 'subject', 'outcome'],
  },
  redeliveries: {
    kind: 'counter',
    prometheus: 'nest_jetstream_redelivered_messages_total',
    openTelemetry: 'nest_jetstream.redelivered.messages',
    unit: '{message}',
    help: 'Messages that a handler received again.',
    labels: ['connection', 'stream', 'durable'],
  },
  deadLettered: {
    kind: 'counter',
    prometheus: 'nest_jetstream_dead_letters_stored_total',
    openTelemetry: 'nest_jetstream.dead_letters.stored',
    unit: '{message}',
    help: 'Dead letters that this process stored.',
    labels: ['connection', 'stream', 'durable', 'subject', 'reason'],
  },
  requestDuration: {
    kind: 'histogram',
    prometheus: 'nest_jetstream_request_duration_seconds',
    openTelemetry: 'nest_jetstream.request.duration',
    unit: 's',
    help: 'Time from a request until its last reply.',
    labels: ['connection', 'code'],
  },
  responseDuration: {
    kind: 'histogram',
    prometheus: 'nest_jetstream_response_duration_seconds',
    openTelemetry: 'nest_jetstream.response.duration',
    unit: 's',
    help: 'Time that the handler of a request takes.',
    labels: ['connection', 'subject', 'code'],
  },
  connectionUp: {
    kind: 'gauge',
    prometheus: 'nest_jetstream_connection_up',
    openTelemetry: 'nest_jetstream.connection.up',
    unit: '1',
    help: '1 while this process is connected to nats-server, else 0.',
    labels: ['connection'],
  },
  consumerState: {
    kind: 'gauge',
    prometheus: 'nest_jetstream_consumer_state',
    openTelemetry: 'nest_jetstream.consumer.state',
    unit: '1',
    help: '1 for the present state of a consumer of this process.',
    labels: ['connection', 'stream', 'durable', 'state'],
  },
  inFlight: {
    kind: 'gauge',
    prometheus: 'nest_jetstream_consumer_in_flight',
    openTelemetry: 'nest_jetstream.consumer.in_flight',
    unit: '{message}',
    help: 'Messages of a consumer in this process, running or waiting.',
    labels: ['connection', 'stream', 'durable'],
  },
  pending: {
    kind: 'gauge',
    prometheus: 'nest_jetstream_consumer_pending',
    openTelemetry: 'nest_jetstream.consumer.pending',
    unit: '{message}',
    help: 'Messages that the server has not delivered yet, over all instances.',
    labels: ['connection', 'stream', 'durable'],
  },
  ackPending: {
    kind: 'gauge',
    prometheus: 'nest_jetstream_consumer_ack_pending',
    openTelemetry: 'nest_jetstream.consumer.ack_pending',
    unit: '{message}',
    help: 'Messages that are delivered and not acknowledged, over all instances.',
    labels: ['connection', 'stream', 'durable'],
  },
  redelivered: {
    kind: 'gauge',
    prometheus: 'nest_jetstream_consumer_redelivered',
    openTelemetry: 'nest_jetstream.consumer.redelivered',
    unit: '{message}',
    help: 'Unacknowledged messages that were delivered more than once, over all instances.',
    labels: ['connection', 'stream', 'durable'],
  },
  lag: {
    kind: 'gauge',
    prometheus: 'nest_jetstream_consumer_lag_seconds',
    openTelemetry: 'nest_jetstream.consumer.lag',
    unit: 's',
    help: 'Age of the oldest message that is not handled, over all instances. 0 if there is none.',
    labels: ['connection', 'stream', 'durable'],
  },
  deadLetters: {
    kind: 'gauge',
    prometheus: 'nest_jetstream_dead_letters',
    openTelemetry: 'nest_jetstream.dead_letters',
    unit: '{message}',
    help: 'Messages in the dead letter stream.',
    labels: ['connection', 'stream'],
  },
} as const satisfies Record<string, Metric>;

type NameOf<Kind> = { [Name in keyof typeof METRICS]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never };
export type GaugeName = NameOf<'gauge'>[keyof typeof METRICS];
type RecordedName = Exclude<keyof typeof METRICS, GaugeName>;

/** Metrics library that stores the values. */
export interface MetricSink {
  /** False if the values would be discarded. */
  readonly isActive: boolean;
  /** Adds to a counter, or observes a value of a histogram. */
  record(metric: RecordedName, value: number, labels: MetricLabels): void;
  /** Adds a service, whose gauges are read with {@link readGauges}. */
  watching(service: TelemetryService): void;
}

/** Value of a gauge. */
export interface GaugeValue {
  readonly metric: GaugeName;
  readonly value: number;
  readonly labels: MetricLabels;
}

const OK = 'ok';

/** Records metrics in any library. */
export class MetricsTelemetry implements Telemetry {
  constructor(private readonly sink: MetricSink) {}

  isActive(): boolean {
    return this.sink.isActive;
  }

  watching(service: TelemetryService): void {
    this.sink.watching(service);
  }

  publishing({ service, pattern, kind, count }: TelemetryPublish): PublishObserver {
    const seconds = stopwatch();
    const operation = kind === 'redrive' ? 'redrive' : 'publish';
    const ended = (code: string): void => {
      const labels = { connection: nameOf(service), subject: pattern ?? '', operation, code };
      this.sink.record('publishDuration', seconds(), labels);
      this.sink.record('published', count, labels);
    };
    return { stored: () => ended(OK), failed: (error) => ended(failureType(error)) };
  }

  processing({ service, stream, durable, pattern, messages }: TelemetryDelivery): ProcessObserver {
    const seconds = stopwatch();
    const consumer = { connection: nameOf(service), stream, durable };
    const again = messages.filter(({ attempt }) => attempt > 1).length;
    if (again > 0) this.sink.record('redeliveries', again, consumer);
    return {
      ended: (outcomes, failure) => {
        const labels = { ...consumer, subject: pattern };
        const counts = new Map<string, number>();
        for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        const outcome = counts.size === 1 ? (outcomes[0] ?? '') : 'mixed';
        const code = failure === undefined ? OK : failureType(failure);
        this.sink.record('handlerDuration', seconds(), { ...labels, outcome, code });
        for (const [each, count] of counts) this.sink.record('handled', count, { ...labels, outcome: each });
      },
    };
  }

  deadLettering({ service, stream, durable, pattern, failure }: TelemetryDeadLetter): void {
    const labels = { connection: nameOf(service), stream, durable, subject: pattern, reason: failureType(failure) };
    this.sink.record('deadLettered', 1, labels);
  }

  requesting({ service }: TelemetryRequest): RequestObserver {
    const seconds = stopwatch();
    return {
      ended: (error) =>
        this.sink.record('requestDuration', seconds(), { connection: nameOf(service), code: codeOf(error) }),
    };
  }

  responding({ service, pattern }: TelemetryRequest): ResponseObserver {
    const seconds = stopwatch();
    return {
      ended: (error) => {
        const labels = { connection: nameOf(service), subject: pattern ?? '', code: codeOf(error) };
        this.sink.record('responseDuration', seconds(), labels);
      },
    };
  }
}

/** Reads the gauges of a service, some of them from the server. */
export async function readGauges(service: TelemetryService): Promise<GaugeValue[]> {
  const connection = nameOf(service);
  const { consumers, deadLetters }: TelemetryBacklog = await service.backlog();
  const isUp = service.connectionStatus === 'connected';
  return [
    { metric: 'connectionUp', value: isUp ? 1 : 0, labels: { connection } },
    ...service.consumers.flatMap(({ stream, durable, state, inFlight }): GaugeValue[] => [
      { metric: 'consumerState', value: 1, labels: { connection, stream, durable, state } },
      { metric: 'inFlight', value: inFlight, labels: { connection, stream, durable } },
    ]),
    ...consumers.flatMap(({ stream, durable, pending, ackPending, redelivered, lagSeconds }): GaugeValue[] => {
      const labels = { connection, stream, durable };
      const values: GaugeValue[] = [
        { metric: 'pending', value: pending, labels },
        { metric: 'ackPending', value: ackPending, labels },
        { metric: 'redelivered', value: redelivered, labels },
      ];
      if (lagSeconds !== undefined) values.push({ metric: 'lag', value: lagSeconds, labels });
      return values;
    }),
    ...deadLetters.map(({ stream, messages }) => ({
      metric: 'deadLetters' as const,
      value: messages,
      labels: { connection, stream },
    })),
  ];
}

function nameOf({ connection = 'default' }: TelemetryService): string {
  return connection;
}

function codeOf(error: unknown): string {
  return error === undefined || error === null ? OK : failureType(error);
}

function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => (performance.now() - startedMs) / 1_000;
}
