import type { Action, SchematicContext as DevkitContext, Tree as DevkitTree } from '@angular-devkit/schematics';
import type { logging } from '@angular-devkit/core';

/**
 * The files of a workspace, as much of devkit's tree as schematics need. The command line has a
 * tree of its own, so that it need not load devkit, which takes longer than everything that our
 * schematics do.
 */
export interface Tree extends Pick<DevkitTree, 'exists' | 'read' | 'readText' | 'create' | 'overwrite' | 'delete'> {
  getDir(path: string): { readonly subfiles: readonly string[]; readonly subdirs: readonly string[] };
  /**
   * What was created (`c`), overwritten (`o`) and deleted (`d`) so far; paths begin with a slash.
   */
  readonly actions: readonly Pick<Action, 'kind' | 'path'>[];
}

/** The log of a schematic's runner. */
export type Logger = Pick<logging.LoggerApi, 'debug' | 'info' | 'warn' | 'error'>;

/** The parts of devkit's context that schematics use. */
export interface RunnerContext extends Pick<DevkitContext, 'addTask'> {
  readonly logger: Logger;
}
