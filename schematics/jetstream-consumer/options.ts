import type { EventSchematicOptions } from '../shared/event/options';

/** What `nest g` and the command line hand over; anything may be missing. */
export interface ConsumerSchematicOptions extends EventSchematicOptions {
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly skipImport?: boolean;
  readonly durable?: string;
  readonly concurrency?: number;
  /** Events that the handler gets at once. */
  readonly batch?: number;
  readonly manualAck?: boolean;
  readonly maxDeliver?: number;
  readonly ackWait?: string;
  readonly retryDelay?: string | readonly string[];
}
