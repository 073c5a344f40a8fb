/** What `nest g` and the command line hand over; anything may be missing. */
export interface RequestSchematicOptions {
  /** Subject of the request. */
  readonly name?: string | number;
  readonly path?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  /** False: ask nothing. */
  readonly interactive?: boolean;
  /** Handed over by `nest g` alone. */
  readonly language?: string;
  readonly flat?: boolean;
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
  readonly skipImport?: boolean;
  /** Fields of the request. Default `id: string`. */
  readonly type?: string;
  /** Fields of the reply. Default `ok: boolean`. */
  readonly reply?: string;
  /** How both are written: interface, class or schema. */
  readonly style?: string;
  readonly requestName?: string;
}
