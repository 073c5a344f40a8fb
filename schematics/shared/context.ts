import type { Context, Tree } from './source/tree';
import { detectImportExtension } from './project/detect-import-extension';
import type { ImportExtension } from './source/import-extension';
import { readNestProject, type NestProject, type ProjectOptions } from './project/nest-project';
import { openTerminal, type Terminal } from './prompt/terminal';

/** What a schematic works with. */
export interface Workplace {
  readonly tree: Tree;
  readonly context: Context;
  readonly project: NestProject;
  /** What relative imports end with. */
  readonly extension: ImportExtension;
  /**
   * `nest g` runs the schematic: it has no flags for most options, and makes dashes and small
   * letters of capitals.
   */
  readonly isNestGenerate: boolean;
  /** Undefined where nobody would answer a question. */
  readonly terminal: Terminal | undefined;
}

export interface WorkplaceOptions extends ProjectOptions {
  /** False: ask nothing, also on a terminal. */
  readonly interactive?: boolean;
  readonly language?: string;
}

export function openWorkplace(tree: Tree, context: Context, options: WorkplaceOptions): Workplace {
  const project = readNestProject(tree, options);
  const terminal = options.interactive === false ? undefined : openTerminal();
  // What only `nest g` hands over.
  const isNestGenerate = options.language !== undefined;
  return { tree, context, project, extension: detectImportExtension(tree, project), terminal, isNestGenerate };
}
