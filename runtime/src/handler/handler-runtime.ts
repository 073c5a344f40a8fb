import type { Logger } from '@nestjs/common';
import type { AttemptLedger } from '../dead-letter/attempt-ledger';
import type { DeadLetters } from '../dead-letter/dead-letters';
import type { ActiveTelemetry } from '../telemetry/active-telemetry';
import type { HandlerInvoker } from './invoke-handler';

/** Services that handling a message needs, the same for all consumers of a server. */
export interface HandlerRuntime {
  readonly deadLetters: DeadLetters;
  readonly attempts: AttemptLedger;
  readonly logger: Logger;
  readonly handlers: HandlerInvoker;
  /** Undefined without the option `telemetry`. */
  readonly telemetry: ActiveTelemetry | undefined;
  /** Aborted when the application begins to shut down. */
  readonly stopping: AbortSignal;
}
