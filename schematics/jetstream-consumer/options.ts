import type { EventSchematicOptions } from '../shared/event/options';

/** Options from `nest g` or the command line. */
export interface ConsumerSchematicOptions extends EventSchematicOptions {
  /** Name of another consumer of the event, `--name` on the command line. */
  readonly consumerName?: string | number;
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly durable?: string;
  readonly concurrency?: number;
  /** Maximum number of events per call of the handler. */
  readonly batch?: number;
  readonly manualAck?: boolean;
  readonly maxDeliver?: number;
  readonly ackWait?: string;
  readonly retryDelay?: string | readonly string[];
}
