import type { Schematic } from '../runner/collection';

/** A schematic to be run with the options of a command line. */
export interface SchematicRequest {
  readonly schematic: Schematic;
  readonly options: Readonly<Record<string, unknown>>;
  /** Names of the options that the user typed. */
  readonly given: ReadonlySet<string>;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly prompt: boolean;
}
