/** Options that every schematic for code has. */
export interface CodeSchematicOptions {
  readonly name?: string | number;
  readonly path?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  /** File of the module to register in. */
  readonly module?: string;
  /** Asks no questions if false. */
  readonly interactive?: boolean;
  /** Set by `nest g` only. */
  readonly language?: string;
}
