import type { JetStreamMessage } from '../message/jetstream-message';
import type { ConsumerDefinition } from './consumer-definition';
import type { ConsumerState } from './consumer-state';

/** Settles a message, or leaves it to the server; must not reject. */
export type ProcessMessage<Definition extends ConsumerDefinition = ConsumerDefinition> = (
  definition: Definition,
  message: JetStreamMessage,
) => Promise<void>;

/** A consumer at work, from its first message until the application ends. */
export interface ConsumerRun {
  readonly state: ConsumerState;
  /** Takes no more messages, and lets what runs finish, at most `gracePeriodMs`. */
  stop(gracePeriodMs: number): Promise<void>;
}
