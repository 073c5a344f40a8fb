import type { CodeSchematicOptions } from '../shared/options';

/** Options from `nest g` or the command line. */
export interface RequestSchematicOptions extends CodeSchematicOptions {
  /** Subject of the request. */
  readonly name?: string | number;
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
