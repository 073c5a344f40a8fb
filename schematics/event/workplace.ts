import type { SchematicContext, Tree } from '@angular-devkit/schematics';
import { importExtension, type ImportExtension } from '../project/import-extension';
import { readNestProject, type NestProject, type ProjectOptions } from '../project/nest-project';
import { openTerminal, type Terminal } from '../prompt/terminal';

/** What a schematic works with. */
export interface Workplace {
  readonly tree: Tree;
  readonly context: SchematicContext;
  readonly project: NestProject;
  /** What relative imports end with. */
  readonly extension: ImportExtension;
  /** Undefined where nobody would answer a question. */
  readonly terminal: Terminal | undefined;
}

export function openWorkplace(tree: Tree, context: SchematicContext, options: ProjectOptions): Workplace {
  const project = readNestProject(tree, options);
  return { tree, context, project, extension: importExtension(tree, project), terminal: openTerminal() };
}
