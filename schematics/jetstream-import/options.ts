import type { CodeSchematicOptions } from '../shared/options';

/** Options of `import`, with the path of the document as `name`. */
export interface ImportSchematicOptions extends CodeSchematicOptions {
  readonly channel?: string | readonly string[];
  readonly consumers?: boolean;
  readonly publishers?: boolean;
  readonly skipImport?: boolean;
  /** Style of event types: interface, class or schema. */
  readonly style?: string;
}
