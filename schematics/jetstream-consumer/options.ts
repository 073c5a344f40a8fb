/** What `nest g` and the command line hand over; anything may be missing. */
export interface ConsumerSchematicOptions {
  readonly name?: string | number;
  readonly path?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly skipImport?: boolean;
  /** Fields of the event, e.g. `id: number; note?: string`. Default `id: string`. */
  readonly type?: string;
  readonly stream?: string;
  readonly eventName?: string;
  readonly durable?: string;
  readonly concurrency?: number;
  readonly ackWait?: string;
  readonly retryDelay?: string | readonly string[];
}
