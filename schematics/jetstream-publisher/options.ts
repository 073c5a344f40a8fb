import type { CodeSchematicOptions } from '../shared/options';

/** Options from `nest g` or the command line. */
export interface PublisherSchematicOptions extends CodeSchematicOptions {
  /** Name of the stream. */
  readonly name?: string | number;
  /** Generates a controller that publishes the events by HTTP. */
  readonly controller?: boolean;
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly skipImport?: boolean;
}
