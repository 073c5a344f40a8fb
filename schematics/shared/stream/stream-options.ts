import type { CodeSchematicOptions } from '../options';

/** Options from `nest g` or the command line. */
export interface StreamSchematicOptions extends CodeSchematicOptions {
  readonly flat?: boolean;
  readonly skipImport?: boolean;
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
