/** Options from `nest g` or the command line. */
export interface RequestSchematicOptions {
  /** Subject of the request. */
  readonly name?: string | number;
  readonly path?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  /** Asks no questions if false. */
  readonly interactive?: boolean;
  /** Set by `nest g` only. */
  readonly language?: string;
  readonly flat?: boolean;
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly skipImport?: boolean;
  /** Fields of the request. Default `id: string`. */
  readonly type?: string;
  /** Fields of the reply. Default `ok: boolean`. */
  readonly reply?: string;
  /** Style of both: interface, class or schema. */
  readonly style?: string;
  readonly requestName?: string;
}
