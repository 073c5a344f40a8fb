import { ts } from '../source/typescript';
import type { Logger, Tree } from '../source/tree';
import { SchematicError } from '../errors';
import { detectStyle } from '../source/code-style';
import { importName, type NeededImport } from '../edit/add-import';
import { addToModule, type ModuleList } from '../edit/module-lists';
import { findModules } from '../source/nest-modules';
import { declaredNames } from '../source/declared-names';
import { findImport, localNames } from '../source/imports';
import { resolveSpecifier } from './paths';
import { descendants, parseFile, parseText } from '../source/parse';
import { restyle } from '../edit/restyle';
import { applyEdits, editedText, type TextEdit } from '../edit/text-edit';
import { render } from '../template/render';
import type { ModuleFile } from './root-module';

/** One element for a list of a module, and the imports that it needs. */
export interface Registration {
  readonly list: ModuleList;
  readonly imports: readonly NeededImport[];
  /**
   * The element, in which the imported names stand as they are; a file that knows one under an
   * alias gets that.
   */
  readonly element: string;
  /** Default: the same text is in the list. */
  readonly isPresent?: (element: ts.Expression, aliases: ReadonlyMap<string, string>) => boolean;
}

/**
 * Adds to a module, or prints the lines to paste where the file cannot be edited safely; whether it
 * is there now.
 */
export function register(
  tree: Tree,
  logger: Logger,
  module: ModuleFile | undefined,
  registration: Registration,
): boolean {
  try {
    if (!module) throw new SchematicError('UNSAFE_EDIT', 'No module was found to register it in.');
    const source = parseFile(tree, module.path);
    const namesake = registration.imports.find((each) => isAnother(tree, source, each));
    if (namesake)
      throw new SchematicError(
        'UNSAFE_EDIT',
        `${module.path}: ${namesake.name} is that of another file there.`,
        namesake,
      );
    applyEdits(tree, module.path, registrationEdits(source, module.className, registration));
    return true;
  } catch (error) {
    if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
    logger.warn([error.message, 'Add it by hand:', ...pasteLines(registration)].join('\n'));
    return false;
  }
}

/** @throws SchematicError (`UNSAFE_EDIT`) when the class, its metadata or a name is in the way. */
export function registrationEdits(source: ts.SourceFile, className: string, registration: Registration): TextEdit[] {
  const { list, imports, element, isPresent } = registration;
  const module = findModules(source).find(({ name }) => name === className);
  if (!module)
    throw new SchematicError('UNSAFE_EDIT', `${source.fileName}: no @Module() class ${className}.`, className);
  const aliases = new Map(imports.map(({ name, specifier }) => [name, localNames(source, name, specifier)[0] ?? name]));
  const code = restyle(renamed(element, aliases), detectStyle(source));
  const edits = addToModule(source, module, list, code, isPresent && ((candidate) => isPresent(candidate, aliases)));
  if (edits.length === 0) return [];
  const imported = imports.map(({ name, specifier }) => importName(source, name, specifier));
  return [...imported.flatMap(({ edits: importEdits }) => importEdits), ...edits];
}

/**
 * Whether the module has a class of this name from elsewhere; one that comes through other files is
 * the same.
 */
function isAnother(tree: Tree, source: ts.SourceFile, { name, specifier }: NeededImport): boolean {
  const imported = findImport(source, name);
  const theirs = imported && resolveSpecifier(tree, source.fileName, imported.specifier);
  if (!imported || theirs === undefined || theirs === resolveSpecifier(tree, source.fileName, specifier)) return false;
  return declaredNames(parseFile(tree, theirs)).includes(imported.name);
}

/** An expression with other names for what it uses. */
function renamed(expression: string, names: ReadonlyMap<string, string>): string {
  const source = parseText('element.ts', expression);
  const edits = [...descendants(source)].flatMap((node) => {
    if (!ts.isIdentifier(node) || (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)) return [];
    const name = names.get(node.text);
    return name === undefined ? [] : [{ start: node.getStart(source), end: node.end, text: name }];
  });
  return editedText(expression, edits);
}

function pasteLines({ imports, list, element }: Registration): string[] {
  return [
    ...imports.map((each) => render('source/import.ts', { ...each, isNamespace: false }).trimEnd()),
    render('source/module-decorator.ts', { list, element }),
  ].map((line) => `  ${line}`);
}
