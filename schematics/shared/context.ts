import type { Logger, Tree } from './source/tree';
import { detectImportExtension } from './project/detect-import-extension';
import type { ImportExtension } from './source/import-extension';
import { readNestProject, type NestProject, type ProjectOptions } from './project/nest-project';
import { openTerminal, type Terminal } from './prompt/terminal';

/** What a schematic works with. */
export interface SchematicContext {
  readonly tree: Tree;
  readonly logger: Logger;
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

export interface ContextOptions extends ProjectOptions {
  /** False: ask nothing, also on a terminal. */
  readonly interactive?: boolean;
  readonly language?: string;
}

export function openContext(tree: Tree, logger: Logger, options: ContextOptions): SchematicContext {
  const project = readNestProject(tree, options);
  const terminal = options.interactive === false ? undefined : openTerminal();
  // What only `nest g` hands over.
  const isNestGenerate = options.language !== undefined;
  return { tree, logger, project, extension: detectImportExtension(tree, project), terminal, isNestGenerate };
}
