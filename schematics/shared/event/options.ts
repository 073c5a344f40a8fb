/** What every schematic that may declare an event takes. */
export interface EventSchematicOptions {
  readonly name?: string | number;
  readonly path?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  /** False: ask nothing. */
  readonly interactive?: boolean;
  /** Handed over by `nest g` alone. */
  readonly language?: string;
  /** Fields of the event, e.g. `id: number; note?: string`. Default `id: string`. */
  readonly type?: string;
  readonly stream?: string;
  readonly eventName?: string;
  /** Subject with captured tokens, where the name is a plain one. */
  readonly template?: string;
  /** How the event is written: interface, class or schema. */
  readonly style?: string;
}
