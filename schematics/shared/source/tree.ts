import type { Action, SchematicContext as DevkitContext, Tree as DevkitTree } from '@angular-devkit/schematics';
import type { logging } from '@angular-devkit/core';

/**
 * The files of a workspace: the subset of devkit's tree that schematics use. The command line
 * implements it without loading devkit, which takes longer than the schematics themselves.
 */
export interface Tree extends Pick<DevkitTree, 'exists' | 'read' | 'readText' | 'create' | 'overwrite' | 'delete'> {
  getDir(path: string): { readonly subfiles: readonly string[]; readonly subdirs: readonly string[] };
  /** Files created (`c`), overwritten (`o`) and deleted (`d`) so far. Paths start with a slash. */
  readonly actions: readonly Pick<Action, 'kind' | 'path'>[];
}

/** The log of a schematic's runner. */
export type Logger = Pick<logging.LoggerApi, 'debug' | 'info' | 'warn' | 'error'>;

/** The parts of devkit's context that schematics use. */
export interface RunnerContext extends Pick<DevkitContext, 'addTask'> {
  readonly logger: Logger;
}
