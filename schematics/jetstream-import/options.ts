import type { CodeSchematicOptions } from '../shared/options';

/** Options of `import`, with the path of the document as `name`. */
export interface ImportSchematicOptions extends CodeSchematicOptions {
  /** Document of the stream `name` on a server. `pull` of the command line passes it. */
  readonly document?: object;
  readonly channel?: string | readonly string[];
  readonly consumers?: boolean;
  readonly publishers?: boolean;
  readonly skipImport?: boolean;
  /** Style of event types: interface, class or schema. */
  readonly style?: string;
}
