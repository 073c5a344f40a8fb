/** Options from `nest g` or the command line. */
export interface StreamSchematicOptions {
  readonly name?: string | number;
  readonly path?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  readonly flat?: boolean;
  readonly skipImport?: boolean;
  readonly interactive?: boolean;
  /** Set by `nest g` only. */
  readonly language?: string;
  readonly subjects?: string | readonly string[];
  readonly storage?: string;
  readonly retention?: string;
  readonly discard?: string;
  readonly maxAge?: string;
  readonly maxMessages?: number;
  readonly maxBytes?: number;
  readonly maxMessageSize?: number;
  readonly duplicateWindow?: string;
  readonly replicas?: number;
}
