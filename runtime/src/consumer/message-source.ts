import type { Msg } from '@nats-io/transport-node';

export interface MessageListener {
  /** Counts as held until `release`. */
  message(received: Msg): void;
  /** Nothing more may come before `restart`. */
  lost(reason: string): void;
  /** It cannot tell by itself whether the consumer is there. */
  unsure(): void;
  refused(reason: string): void;
}

/** Where a consumer's messages come from, asked for or pushed. */
export interface MessageSource {
  /** There is room for one more: a message was settled, or is left to the server. */
  release(): void;
  /** Reason why the server refuses to deliver; undefined when it does not. */
  readonly refusal?: string | undefined;
  /** The limits of the consumer changed on the server. */
  limitsChanged?(): void;
  /** May hold more than `prefetch`, where so many must come before anything goes on; 0 when they are here. */
  makeRoomFor?(count: number): void;
  /** The consumer exists again. `refusal` is a reason why it may not deliver all the same. */
  restart(refusal?: string): void;
  /** Ends what comes. What is on its way already still arrives; resolves when nothing more can, or no server answers. */
  stop(): Promise<void>;
  /** Ends at once, where no server would answer a `stop`. */
  end(): void;
}
