import type { JetStreamMessage } from '../message/jetstream-message';

/** Takes the messages that a consumer holds to its handler. */
export interface Dispatch {
  /** How many handlers run. */
  readonly running: number;
  add(message: JetStreamMessage): void;
  /** Hands back at once what waits; what runs goes on. */
  stop(): void;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

/** `finished` is called once for each message that was added: its handler is done with it, or does not get it any more. */
export type CreateDispatch = (finished: (message: JetStreamMessage) => void) => Dispatch;
