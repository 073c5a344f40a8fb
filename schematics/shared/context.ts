import type { Logger, Tree } from './source/tree';
import { detectImportExtension } from './project/detect-import-extension';
import type { ImportExtension } from './source/import-extension';
import { assertApplication } from './project/applications';
import { readNestProject, type NestProject, type ProjectOptions } from './project/nest-project';
import { namedModule } from './project/named-module';
import type { ModuleFile } from './project/root-module';
import { openTerminal, type Terminal } from './prompt/terminal';

/** The project and the runner of a schematic. */
export interface SchematicContext {
  readonly tree: Tree;
  readonly logger: Logger;
  readonly project: NestProject;
  /** Module to register in, if the user chose one. */
  readonly module: ModuleFile | undefined;
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
  readonly module?: string;
}

export function openContext(tree: Tree, logger: Logger, options: ContextOptions): SchematicContext {
  const project = readNestProject(tree, options);
  assertApplication(tree, project);
  const module = options.module === undefined ? undefined : namedModule(tree, project, options.module);
  const terminal = options.interactive === false ? undefined : openTerminal();
  // Only `nest g` sets it.
  const isNestGenerate = options.language !== undefined;
  const extension = detectImportExtension(tree, project);
  return { tree, logger, project, module, extension, terminal, isNestGenerate };
}
