import type { NatsConnection } from '@nats-io/transport-node';

/** The part of nats.js's connection that takes frames as they go over the wire; it is not in its types. */
export interface FrameSink {
  /** Queues what goes out with the next write. */
  sendCommand(frame: string | Uint8Array, ...more: Uint8Array[]): void;
}

/** Undefined for another version of nats.js than the one that this package depends on: its `publish` does the same for more. */
export function frameSink(connection: NatsConnection): FrameSink | undefined {
  const protocol: unknown = Reflect.get(connection, 'protocol');
  const isSink = typeof protocol === 'object' && protocol !== null && 'sendCommand' in protocol;
  return isSink && typeof protocol.sendCommand === 'function' ? (protocol as FrameSink) : undefined;
}
