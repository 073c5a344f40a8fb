/** Options from `nest g` or the command line. */
export interface PublisherSchematicOptions {
  /** Name of the stream. */
  readonly name?: string | number;
  readonly path?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  /** Asks no questions if false. */
  readonly interactive?: boolean;
  /** Set by `nest g` only. */
  readonly language?: string;
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly skipImport?: boolean;
}
