import type { ts } from '../source/typescript';
import type { Context, Tree } from './workspace';
import { SchematicError } from '../errors';
import { detectStyle } from '../source/code-style';
import { importName } from '../source/import-name';
import { addToModule, findModules, type ModuleList } from '../source/module-metadata';
import { parseFile } from '../source/parse';
import { restyle } from '../source/restyle';
import { applyEdits, type TextEdit } from '../source/text-edit';
import type { ModuleFile } from './root-module';

export interface NeededImport {
  readonly name: string;
  readonly specifier: string;
}

/** One element for a list of a module, and the imports that it needs. */
export interface Registration {
  readonly list: ModuleList;
  readonly imports: readonly NeededImport[];
  /** The element, in which the imported names stand as they are; a file that knows one under an alias is not edited. */
  readonly element: string;
  /** Default: the same text is in the list. */
  readonly isPresent?: (element: ts.Expression) => boolean;
}

/** Adds to a module, or prints the lines to paste where the file cannot be edited safely. */
export function register(
  tree: Tree,
  context: Context,
  module: ModuleFile | undefined,
  registration: Registration,
): void {
  try {
    if (!module) throw new SchematicError('UNSAFE_EDIT', 'No module was found to register it in.');
    applyEdits(tree, module.path, registrationEdits(parseFile(tree, module.path), module.className, registration));
  } catch (error) {
    if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
    context.logger.warn([error.message, 'Add it by hand:', ...pasteLines(registration)].join('\n'));
  }
}

/** @throws SchematicError (`UNSAFE_EDIT`) when the class, its metadata or a name is in the way. */
export function registrationEdits(source: ts.SourceFile, className: string, registration: Registration): TextEdit[] {
  const { list, imports, element, isPresent } = registration;
  const module = findModules(source).find(({ name }) => name === className);
  if (!module)
    throw new SchematicError('UNSAFE_EDIT', `${source.fileName}: no @Module() class ${className}.`, className);
  const edits = addToModule(source, module, list, restyle(element, detectStyle(source)), isPresent);
  if (edits.length === 0) return [];
  const imported = imports.map(({ name, specifier }) => importName(source, name, specifier));
  const renamed = imported.find(({ name, local }) => name !== local);
  if (renamed)
    throw new SchematicError('UNSAFE_EDIT', `${source.fileName}: ${renamed.name} is ${renamed.local} there.`, renamed);
  return [...imported.flatMap(({ edits: importEdits }) => importEdits), ...edits];
}

function pasteLines({ imports, list, element }: Registration): string[] {
  return [
    ...imports.map(({ name, specifier }) => `  import { ${name} } from '${specifier}';`),
    `  @Module({ ${list}: [${element}] })`,
  ];
}
