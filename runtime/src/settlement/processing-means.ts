import type { Logger } from '@nestjs/common';
import type { DeadLetters } from '../dead-letter/dead-letters';
import type { HandlerInvoker } from '../handler/invoke-handler';

/** Collaborators that run handlers and settle their messages. */
export interface ProcessingMeans {
  readonly deadLetters: DeadLetters;
  readonly logger: Logger;
  readonly handlers: HandlerInvoker;
  /** Aborted when the application begins to end. */
  readonly stopping: AbortSignal;
}
