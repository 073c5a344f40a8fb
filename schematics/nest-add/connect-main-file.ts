import { SchematicError } from '../shared/errors';
import type { NestProject } from '../shared/project/nest-project';
import type { Logger, Tree } from '../shared/source/tree';
import { parseFile } from '../shared/source/parse';
import { applyEdits } from '../shared/edit/text-edit';
import type { AppKind } from '../shared/source/created-apps';
import { mainFileEdits, mainFileKind, mainFileLines } from './main-file';

/** Main file after the setup. */
export interface MainFile {
  /** Application that it creates. */
  readonly kind: AppKind | undefined;
  /** False if the user has to connect the transport. */
  readonly isConnected: boolean;
}

/**
 * Connects the transport in the project's main file. Logs the lines to paste if the edit is not
 * safe, or if no module registers the transport: the application would not start.
 */
export function connectMainFile(
  tree: Tree,
  logger: Logger,
  { entryFile }: NestProject,
  isRegistered: boolean,
): MainFile {
  const source = tree.exists(entryFile) ? parseFile(tree, entryFile) : undefined;
  const kind = source && mainFileKind(source);
  try {
    if (!source) throw new SchematicError('UNSAFE_EDIT', `${entryFile} does not exist.`, entryFile);
    const edits = mainFileEdits(source);
    if (edits.length > 0 && !isRegistered) {
      const why = 'without the transport module, the application would not start';
      throw new SchematicError('UNSAFE_EDIT', `${entryFile} was not changed, because ${why}.`, entryFile);
    }
    applyEdits(tree, entryFile, edits);
    return { kind, isConnected: true };
  } catch (error) {
    if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
    const lines = mainFileLines(kind).map((line) => `  ${line}`);
    logger.warn(
      [error.message, 'Add to the file that creates the application, before it listens:', ...lines].join('\n'),
    );
    return { kind, isConnected: false };
  }
}
