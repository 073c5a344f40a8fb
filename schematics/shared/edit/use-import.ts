import type { Tree } from '../source/tree';
import type { NeededImport } from '../project/register';
import { SchematicError } from '../errors';
import { importName } from './import-name';
import { importNamespace } from './import-namespace';
import { parseFile } from '../source/parse';
import { applyEdits } from './text-edit';

/**
 * Imports a name, or with `namespace` all of a module under it, where the file does not yet.
 * @throws SchematicError
 */
export function useImport(tree: Tree, path: string, { name, specifier, namespace }: CodeImport): void {
  const source = parseFile(tree, path);
  const { local, edits } = namespace ? importNamespace(source, name, specifier) : importName(source, name, specifier);
  if (local !== name) throw new SchematicError('UNSAFE_EDIT', `${path}: ${name} is ${local} there.`, name);
  applyEdits(tree, path, edits);
}

/** An import that new code relies on. */
export interface CodeImport extends NeededImport {
  readonly namespace?: boolean;
}
