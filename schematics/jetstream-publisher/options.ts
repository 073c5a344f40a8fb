/** What `nest g` and the command line hand over; anything may be missing. */
export interface PublisherSchematicOptions {
  /** Name of the stream. */
  readonly name?: string | number;
  readonly path?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  /** False: ask nothing. */
  readonly interactive?: boolean;
  /** Handed over by `nest g` alone. */
  readonly language?: string;
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly skipImport?: boolean;
}
