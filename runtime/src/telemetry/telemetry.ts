import type { MsgHdrs } from '@nats-io/transport-node';

/**
 * Observes publishing, handlers, requests and the state of a service. Pass it to `register` as in
 * `telemetry: [openTelemetry()]`. All methods are optional and synchronous. A method that throws
 * is logged once, and never affects a message.
 */
export interface Telemetry {
  /**
   * Returns false to skip the other methods except `watching` for now, for example without an SDK.
   * Called for each message.
   */
  isActive?(): boolean;
  /** Called in the async context of the caller, before an event or a batch is sent. */
  publishing?(publish: TelemetryPublish): PublishObserver | undefined;
  /** Called before each run of a handler, for a message or a batch. */
  processing?(delivery: TelemetryDelivery): ProcessObserver | undefined;
  /** Called after a dead letter was stored. */
  deadLettering?(letter: TelemetryDeadLetter): void;
  /** Called in the async context of the caller, before a request is sent. */
  requesting?(request: TelemetryRequest): RequestObserver | undefined;
  /** Called before a handler runs for a request. */
  responding?(request: TelemetryRequest): ResponseObserver | undefined;
  /** Called once for each registered connection, with an object that returns its present state. */
  watching?(service: TelemetryService): void;
}

/** An event or a batch that is about to be published. */
export interface TelemetryPublish {
  readonly service: TelemetryService;
  /** `redrive` is a dead letter that is published to its original subject. */
  readonly kind: 'event' | 'batch' | 'redrive';
  /** Subject of the event, or of the last event of a batch. */
  readonly subject: string;
  /** Declared subject or pattern of all events. Undefined if no declared stream has it. */
  readonly pattern: string | undefined;
  /** Number of events. */
  readonly count: number;
  /** Message id, if the caller has set one. */
  readonly messageId: string | undefined;
  /** Returns a header that the caller has set. The name is compared without case. */
  readonly header: (name: string) => string | undefined;
}

/** Observer of one event or batch. Either `stored` or `failed` is called at the end. */
export interface PublishObserver {
  /**
   * Headers to add. A header that the caller has set is kept. In a redrive it is replaced, and
   * removed if the value is empty.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called before each attempt after the first, with its number. */
  retrying?(attempt: number): void;
  /** Called with the stream and the sequence of the PubAck. */
  stored?(ack: { readonly stream: string; readonly seq: number; readonly duplicate: boolean }): void;
  /** Called with the error of the publish. */
  failed?(error: unknown): void;
}

/** A message that a handler receives. */
export interface TelemetryMessage {
  readonly subject: string;
  /** Sequence of the message in its stream. */
  readonly seq: number;
  /** Time at which the stream stored the message. */
  readonly time: Date;
  readonly headers: MsgHdrs | undefined;
  /** Number of this attempt, from 1 up. */
  readonly attempt: number;
}

/** A run of a handler. */
export interface TelemetryDelivery {
  readonly service: TelemetryService;
  readonly stream: string;
  /** Name of the durable, or of the handler if the consumer has no durable. */
  readonly durable: string;
  /** Name of the handler: `OrderCreatedConsumer.handle`, or its subject. */
  readonly handler: string;
  /** Subject or pattern of the handler. */
  readonly pattern: string;
  readonly messages: readonly TelemetryMessage[];
  /** True for a handler of batches. */
  readonly isBatch: boolean;
}

/**
 * Result of a run for one message. `terminate` ends a message without a dead letter. `unsettled`
 * leaves it for redelivery.
 */
export type TelemetryOutcome = 'ack' | 'retry' | 'dead_letter' | 'terminate' | 'unsettled';

/** Observer of one run of a handler. */
export interface ProcessObserver {
  /**
   * Calls `work` once, in the async context that the handler should have. It may be called several
   * times, for the handler and for what follows it.
   */
  run?<Result>(work: () => Result): Result;
  /**
   * Called when all messages are settled.
   * @param outcomes result of each message, in their order
   * @param failure original failure of the handler, or undefined
   */
  ended?(outcomes: readonly TelemetryOutcome[], failure: unknown): void;
}

/** A dead letter that was stored. */
export interface TelemetryDeadLetter {
  readonly service: TelemetryService;
  readonly stream: string;
  readonly durable: string;
  readonly pattern: string;
  readonly message: TelemetryMessage;
  readonly failure: unknown;
}

/** A request, on the side of the caller or of the handler. */
export interface TelemetryRequest {
  readonly service: TelemetryService;
  readonly subject: string;
  /** Declared subject or pattern. Undefined on the side of the caller, if it is not known. */
  readonly pattern: string | undefined;
  /** Returns a header of the request. The name is compared without case. */
  readonly header: (name: string) => string | undefined;
}

/** Observer of a request that this process sends. */
export interface RequestObserver {
  /** Headers to add. A header that the caller has set is kept. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called after the last reply, or with the error. */
  ended?(error: unknown): void;
}

/** Observer of a request that a handler of this process answers. */
export interface ResponseObserver {
  /** Calls `work` once, in the async context that the handler should have. */
  run?<Result>(work: () => Result): Result;
  /** Called after the last reply, with the error if the reply is one. */
  ended?(error: unknown): void;
}

/** A registered connection and its consumers. Each property is read when it is used. */
export interface TelemetryService {
  /** The `id` of the service. */
  readonly id: string | undefined;
  /** Name of the registered connection. Undefined for the default connection. */
  readonly connection: string | undefined;
  /** Address of the connected server, as in `127.0.0.1:4222`. */
  readonly server: string | undefined;
  readonly connectionStatus: 'connecting' | 'connected' | 'disconnected' | 'reconnecting' | 'closed';
  readonly consumers: readonly TelemetryConsumer[];
  /**
   * Reads the backlog of the durables from the server. Reads at most every 5 s, and waits at most
   * 2 s. Then it resolves to the last known values.
   */
  backlog(): Promise<TelemetryBacklog>;
}

/** A consumer of this process. */
export interface TelemetryConsumer {
  readonly stream: string;
  /** Name of the durable, or of the handler if the consumer has no durable. */
  readonly durable: string;
  readonly handler: string;
  readonly state:
    'starting' | 'waiting_for_stream' | 'running' | 'paused' | 'recovering' | 'blocked' | 'stalled' | 'stopped';
  /** Messages in this process, running or waiting. */
  readonly inFlight: number;
}

/** Backlog of all durables and dead letter streams of a service. */
export interface TelemetryBacklog {
  readonly consumers: readonly ConsumerBacklog[];
  /** Messages in dead letter streams, by the stream that they belong to. */
  readonly deadLetters: readonly { readonly stream: string; readonly messages: number }[];
}

/** Backlog of one durable, over all instances of the service. */
export interface ConsumerBacklog {
  readonly stream: string;
  readonly durable: string;
  /** Messages that are not delivered yet. */
  readonly pending: number;
  /** Messages that are delivered and not acknowledged. */
  readonly ackPending: number;
  /** Unacknowledged messages that were delivered more than once. */
  readonly redelivered: number;
  /** Age of the oldest message that is not handled. Undefined if it could not be read. */
  readonly lagSeconds: number | undefined;
}
