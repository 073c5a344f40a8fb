import type { CodeSchematicOptions } from '../options';

/** Options of every schematic that may declare an event. */
export interface EventSchematicOptions extends CodeSchematicOptions {
  /** Fields of the event, such as `id: number; note?: string`. Default: `id: string`. */
  readonly type?: string;
  readonly stream?: string;
  /** Creates a missing stream without a question. */
  readonly createStream?: boolean;
  readonly skipImport?: boolean;
  readonly eventName?: string;
  /** Subject with captured tokens. The name is a plain subject then. */
  readonly template?: string;
  /** Style of the event: interface, class or schema. */
  readonly style?: string;
  /** Doc comments, which only an imported event has. */
  readonly documentation?: EventDocumentation;
}

/** Texts of the doc comments of an event. */
export interface EventDocumentation {
  /** Comment of the constant. */
  readonly subject?: string | undefined;
  /** Comment of the type. */
  readonly type?: string | undefined;
}
