import type { Schematic } from '../runner/collection';

/** A schematic to be run with the options of a command line. */
export interface SchematicRequest {
  readonly schematic: Schematic;
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly prompt: boolean;
}
