import type { ts } from '../source/typescript';
import { newDeclaration, type ImportedName } from './import-name';
import { namespaceNames } from '../source/imports';

/** Makes all of a module usable in the file under `name`: `import * as name from 'specifier'`. */
export function importNamespace(source: ts.SourceFile, name: string, specifier: string): ImportedName {
  const [bound] = namespaceNames(source, specifier);
  if (bound !== undefined) return { name, local: bound, edits: [] };
  return { name, local: name, edits: [newDeclaration(source, { name, specifier, isNamespace: true })] };
}
