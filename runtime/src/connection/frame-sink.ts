import type { NatsConnection } from '@nats-io/transport-node';

/** The part of nats.js's connection that sends raw frames. It is not in the types of nats.js. */
export interface FrameSink {
  /** Counters of `connection.stats()`, which nats.js's `publish` increments. */
  outMsgs: number;
  outBytes: number;
  /** Queues a frame for the next write. */
  sendCommand(frame: string | Uint8Array, ...more: Uint8Array[]): void;
}

/**
 * Returns the frame sink of a connection. Undefined if this version of nats.js has none. Its
 * `publish` then does the same at a higher cost.
 */
export function frameSink(connection: NatsConnection): FrameSink | undefined {
  const protocol: unknown = Reflect.get(connection, 'protocol');
  const isSink = typeof protocol === 'object' && protocol !== null && 'sendCommand' in protocol;
  return isSink && typeof protocol.sendCommand === 'function' ? (protocol as FrameSink) : undefined;
}
