import type { MsgHdrs } from '@nats-io/transport-node';

/** A message that is no longer delivered, and the reason. */
export interface DeadLetter {
  readonly stream: string;
  readonly consumer: string;
  readonly subject: string;
  readonly sequence: number;
  /** Number of attempts to handle it. */
  readonly deliveries: number;
  readonly storedAt: Date;
  /** The original bytes. */
  readonly data: Uint8Array;
  /** The original headers. */
  readonly headers: MsgHdrs | undefined;
  /** Last value that was thrown, or a text if the process exited. */
  readonly failure: unknown;
}
