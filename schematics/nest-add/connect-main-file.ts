import { SchematicError } from '../errors';
import type { NestProject } from '../project/nest-project';
import type { Context, Tree } from '../project/workspace';
import { parseFile } from '../source/parse';
import { applyEdits } from '../source/text-edit';
import type { AppKind } from '../source/created-apps';
import { mainFileEdits, mainFileKind, mainFileLines } from './main-file';

/** Connects the transport in the project's main file, or prints the lines to paste where that cannot be done safely. Returns what that file makes. */
export function connectMainFile(tree: Tree, context: Context, { entryFile }: NestProject): AppKind | undefined {
  const source = tree.exists(entryFile) ? parseFile(tree, entryFile) : undefined;
  const kind = source && mainFileKind(source);
  try {
    if (!source) throw new SchematicError('UNSAFE_EDIT', `There is no ${entryFile}.`, entryFile);
    applyEdits(tree, entryFile, mainFileEdits(source));
  } catch (error) {
    if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
    const lines = mainFileLines(kind).map((line) => `  ${line}`);
    context.logger.warn(
      [error.message, 'Add to the file that creates the application, before it listens:', ...lines].join('\n'),
    );
  }
  return kind;
}
