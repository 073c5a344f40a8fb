import type { NatsConnection } from '@nats-io/transport-node';

/** The part of nats.js's connection that sends frames as they are; it is not in its types. */
export interface FrameSink {
  /** Counters of `connection.stats()`, which nats.js's `publish` increments. */
  outMsgs: number;
  outBytes: number;
  /** Queues a frame for the next write. */
  sendCommand(frame: string | Uint8Array, ...more: Uint8Array[]): void;
}

/**
 * Undefined for a version of nats.js that has no such part; its `publish` does the same at a higher
 * cost.
 */
export function frameSink(connection: NatsConnection): FrameSink | undefined {
  const protocol: unknown = Reflect.get(connection, 'protocol');
  const isSink = typeof protocol === 'object' && protocol !== null && 'sendCommand' in protocol;
  return isSink && typeof protocol.sendCommand === 'function' ? (protocol as FrameSink) : undefined;
}
