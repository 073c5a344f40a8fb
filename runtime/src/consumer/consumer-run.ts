import type { JetStreamMessage } from '../message/jetstream-message';
import type { ConsumerDefinition, HandlerDefinition } from './consumer-definition';
import type { ConsumerState } from './consumer-state';

/** Settles a message, or leaves it to the server, and then calls `done` once; must not throw. */
export type ProcessMessage<Definition extends ConsumerDefinition = ConsumerDefinition> = (
  definition: Definition,
  message: JetStreamMessage,
  done: (message: JetStreamMessage) => void,
) => void;

/** A message and what it says. */
export interface ReceivedEvent {
  readonly message: JetStreamMessage;
  readonly event: unknown;
}

/** Settles many messages, or leaves them to the server; must not reject. */
export type ProcessBatch<Definition extends ConsumerDefinition> = (
  definition: Definition,
  batch: readonly ReceivedEvent[],
) => Promise<void>;

/** Settles a message that cannot be decoded; must not reject. */
export type RefuseMessage<Definition extends ConsumerDefinition> = (
  definition: Definition,
  message: JetStreamMessage,
  failure: unknown,
) => Promise<void>;

/** What becomes of a handler's messages. */
export interface Processing {
  readonly message: ProcessMessage<HandlerDefinition>;
  readonly batch: ProcessBatch<HandlerDefinition>;
  readonly undecodable: RefuseMessage<HandlerDefinition>;
}

/** A consumer at work, from its first message until the application ends. */
export interface ConsumerRun {
  readonly state: ConsumerState;
  /** Takes no more messages, and lets what runs finish, at most `gracePeriodMs`. */
  stop(gracePeriodMs: number): Promise<void>;
}
