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

/** An element for a list of a module, and the imports that it needs. */
export interface Registration {
  readonly list: ModuleList;
  readonly imports: readonly NeededImport[];
  /** The element with the original names. A file that imports one under an alias gets the alias. */
  readonly element: string;
  /** Default: compares the text of the elements. */
  readonly isPresent?: (element: ts.Expression, aliases: ReadonlyMap<string, string>) => boolean;
}

/**
 * Adds an element to a module. Logs the lines to paste if the file cannot be edited safely. Returns
 * true if the element is in the module now.
 */
export function register(
  tree: Tree,
  logger: Logger,
  module: ModuleFile | undefined,
  registration: Registration,
): boolean {
  try {
    if (!module) throw new SchematicError('UNSAFE_EDIT', 'No module was found.');
    const source = parseFile(tree, module.path);
    const imports = registration.imports.map((each) => asImported(tree, source, each));
    const namesake = imports.find((each) => isAnother(tree, source, each));
    if (namesake) throw new SchematicError('UNSAFE_EDIT', `${module.path} imports another ${namesake.name}.`, namesake);
    applyEdits(tree, module.path, registrationEdits(source, module.className, { ...registration, imports }));
    return true;
  } catch (error) {
    if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
    const remedy = `Choose ${module ? 'another' : 'a'} module with --module, or add these lines yourself:`;
    logger.warn([`${error.message} ${remedy}`, ...pasteLines(registration)].join('\n'));
    return false;
  }
}

/**
 * Returns the edits that register an element in a module.
 * @throws SchematicError (`UNSAFE_EDIT`) if the class, its metadata or an existing name prevents a
 * safe edit
 */
export function registrationEdits(source: ts.SourceFile, className: string, registration: Registration): TextEdit[] {
  const { list, imports, element, isPresent } = registration;
  const module = findModules(source).find(({ name }) => name === className);
  if (!module)
    throw new SchematicError('UNSAFE_EDIT', `${source.fileName} has no @Module() class ${className}.`, className);
  const aliases = new Map(imports.map(({ name, specifier }) => [name, localNames(source, name, specifier)[0] ?? name]));
  const code = restyle(renamed(element, aliases), detectStyle(source));
  const edits = addToModule(source, module, list, code, isPresent && ((candidate) => isPresent(candidate, aliases)));
  if (edits.length === 0) return [];
  const imported = imports.map(({ name, specifier }) => importName(source, name, specifier));
  return [...imported.flatMap(({ edits: importEdits }) => importEdits), ...edits];
}

/**
 * Returns true if the module imports a different class of this name. A class that is re-exported by
 * other files is the same.
 */
function isAnother(tree: Tree, source: ts.SourceFile, { name, specifier }: NeededImport): boolean {
  const imported = findImport(source, name);
  const theirs = imported && resolveSpecifier(tree, source.fileName, imported.specifier);
  if (!imported || theirs === undefined || theirs === resolveSpecifier(tree, source.fileName, specifier)) return false;
  return declaredNames(parseFile(tree, theirs)).includes(imported.name);
}

/** Returns the import that the module has of the same class, such as through a path alias. */
function asImported(tree: Tree, source: ts.SourceFile, needed: NeededImport): NeededImport {
  const imported = findImport(source, needed.name);
  const path = imported && resolveSpecifier(tree, source.fileName, imported.specifier);
  if (path === undefined || imported?.name !== needed.name || isAnother(tree, source, needed)) return needed;
  return { name: needed.name, specifier: imported.specifier };
}

/** Replaces identifiers in an expression. */
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
    ...imports.map((each) => render('source/import.ts', { ...each, isNamespace: false, isType: false }).trimEnd()),
    render('source/module-decorator.ts', { list, element }),
  ].map((line) => `  ${line}`);
}
