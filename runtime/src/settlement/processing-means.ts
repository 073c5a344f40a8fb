import type { Logger } from '@nestjs/common';
import type { BaseRpcContext } from '@nestjs/microservices';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import type { AttemptLedger } from '../dead-letter/attempt-ledger';
import type { DeadLetters } from '../dead-letter/dead-letters';

/** Runs the handler inside of Nest's processing hooks. What it resolves to may be an Observable, which has all to do yet. */
export type RunHandler = (definition: HandlerDefinition, data: unknown, context: BaseRpcContext) => Promise<unknown>;

/** What it takes to run handlers and to settle their messages. */
export interface ProcessingMeans {
  readonly deadLetters: DeadLetters;
  readonly attempts: AttemptLedger;
  readonly logger: Logger;
  readonly run: RunHandler;
  /** Aborted when the application begins to end. */
  readonly stopping: AbortSignal;
}
