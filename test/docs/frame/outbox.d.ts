// The part of @nestjs/outbox 0.1.1 that the pages use, as in its repository. It is not installed
// here.
declare module '@nestjs/outbox' {
  import type { DynamicModule, Type } from '@nestjs/common';
  export interface OutboxMessage<Payload = unknown> {
    readonly id: string;
    readonly topic: string;
    readonly payload: Payload;
    readonly headers: Record<string, string>;
    readonly key: string | null;
  }
  export abstract class OutboxTransport {
    abstract publish(message: OutboxMessage, options: { signal: AbortSignal }): void | Promise<void>;
  }
  export const OutboxModule: {
    forRoot(options: { transports?: Record<string, Type<OutboxTransport> | OutboxTransport> }): DynamicModule;
  };
  export class OutboxInbox {
    processInTransaction<Tx, T>(
      tx: Tx,
      consumer: string,
      messageId: string,
      work: () => T,
    ): Promise<{ duplicate: boolean; result?: Awaited<T> }>;
  }
}
