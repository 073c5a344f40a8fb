import type { Logger, Tree } from './source/tree';
import { detectImportExtension } from './project/detect-import-extension';
import type { ImportExtension } from './source/import-extension';
import { assertApplication } from './project/applications';
import { readNestProject, type NestProject, type ProjectOptions } from './project/nest-project';
import { openTerminal, type Terminal } from './prompt/terminal';

/** The project and the runner of a schematic. */
export interface SchematicContext {
  readonly tree: Tree;
  readonly logger: Logger;
  readonly project: NestProject;
  /** Extension of relative imports. */
  readonly extension: ImportExtension;
  /**
   * True if `nest g` runs the schematic. It has no flags for most options, and converts capitals in
   * names to dashes and small letters.
   */
  readonly isNestGenerate: boolean;
  /** Undefined if questions cannot be answered. */
  readonly terminal: Terminal | undefined;
}

export interface ContextOptions extends ProjectOptions {
  /** Asks no questions if false, also on a terminal. */
  readonly interactive?: boolean;
  readonly language?: string;
}

export function openContext(tree: Tree, logger: Logger, options: ContextOptions): SchematicContext {
  const project = readNestProject(tree, options);
  assertApplication(tree, project);
  const terminal = options.interactive === false ? undefined : openTerminal();
  // Only `nest g` sets it.
  const isNestGenerate = options.language !== undefined;
  return { tree, logger, project, extension: detectImportExtension(tree, project), terminal, isNestGenerate };
}
