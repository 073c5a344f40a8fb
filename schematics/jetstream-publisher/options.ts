import type { CodeSchematicOptions } from '../shared/options';

/** Options from `nest g` or the command line. */
export interface PublisherSchematicOptions extends CodeSchematicOptions {
  /** Name of the stream. */
  readonly name?: string | number;
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly skipImport?: boolean;
}
