import type { TelemetryConsumer } from '../telemetry/telemetry';

/** State of a consumer. In all states but `running`, messages may wait. */
export type ConsumerState =
  | { readonly is: 'starting' }
  | { readonly is: 'waiting for a stream' }
  | {
      readonly is: 'running';
      /** `maxAckPending`, if that many messages are unacknowledged over all instances. */
      readonly full?: number | undefined;
      /** End of a pause that an operator set. */
      readonly pausedUntil?: Date | undefined;
      /** Reason why redriven messages are not handled. */
      readonly redrive?: string | undefined;
    }
  | { readonly is: 'recovering'; readonly reason: string }
  /** The server refuses to deliver, or the durable was handed over to another service. */
  | { readonly is: 'blocked'; readonly reason: string }
  /** Handlers run longer than `maxProcessingTime`. They still occupy their slots. */
  | { readonly is: 'stalled'; readonly messages: number }
  | { readonly is: 'stopped' };

/** Work that a consumer has at the moment. */
export interface ConsumerLoad {
  /** Handlers that run. A shutdown waits for them. */
  readonly running: number;
  /** Messages that have not begun to run. A shutdown returns them to the server. */
  readonly waiting: number;
}

/** A bound consumer, from its start until the application shuts down. */
export interface ActiveConsumer {
  readonly stream: string;
  readonly state: ConsumerState;
  readonly load: ConsumerLoad;
  /** Begins to receive messages. */
  start(): void;
  /** Compares the consumer with the server. Never rejects. */
  observe?(): Promise<void>;
  /** Stops receiving, and waits at most `gracePeriodMs` for running handlers. */
  stop(gracePeriodMs: number): Promise<void>;
}

/** Returns the name of a state for telemetry. */
export function observedState(state: ConsumerState): TelemetryConsumer['state'] {
  if (state.is === 'waiting for a stream') return 'waiting_for_stream';
  return state.is === 'running' && state.pausedUntil !== undefined ? 'paused' : state.is;
}

/** Describes a state in one line. */
export function describeState(state: ConsumerState): string {
  if (state.is === 'recovering' || state.is === 'blocked') return `${state.is}: ${state.reason}`;
  if (state.is === 'stalled') return `stalled: ${state.messages} handlers run longer than maxProcessingTime`;
  if (state.is !== 'running') return state.is;
  return ['running', ...limitsOf(state)].join('; ');
}

/** Returns the reasons why a running consumer receives fewer messages than it could. */
export function limitsOf(state: ConsumerState): readonly string[] {
  if (state.is !== 'running') return [];
  const { full, pausedUntil, redrive } = state;
  return [
    ...(full === undefined ? [] : [`${full} messages are unacknowledged, which is maxAckPending`]),
    ...(pausedUntil === undefined ? [] : [`paused until ${pausedUntil.toISOString()}`]),
    ...(redrive === undefined ? [] : [`redriven messages are not handled: ${redrive}`]),
  ];
}
