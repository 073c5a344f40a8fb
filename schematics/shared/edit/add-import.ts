import { SchematicError } from '../errors';
import { detectStyle } from '../source/code-style';
import { declaredNames } from '../source/declared-names';
import { findImport, importsOf, namedBindings, namespaceNames } from '../source/imports';
import { parseFile } from '../source/parse';
import type { Tree } from '../source/tree';
import { ts } from '../source/typescript';
import { render } from '../template/render';
import { restyle } from './restyle';
import { applyEdits, insertion, type TextEdit } from './text-edit';

/**
 * Imports a name, or a whole module as a namespace, if the file does not import it yet.
 * @throws SchematicError (`UNSAFE_EDIT`)
 */
export function useImport(tree: Tree, path: string, { name, specifier, namespace, isType }: CodeImport): void {
  const source = parseFile(tree, path);
  const { local, edits } = namespace
    ? importNamespace(source, name, specifier)
    : importName(source, name, specifier, isType);
  if (local !== name) throw new SchematicError('UNSAFE_EDIT', `${path} imports ${name} as ${local}.`, name);
  applyEdits(tree, path, edits);
}

/** An import that generated code needs. */
export interface NeededImport {
  readonly name: string;
  readonly specifier: string;
}

/** A needed import of a name, or of a whole module as a namespace. */
export interface CodeImport extends NeededImport {
  readonly namespace?: boolean;
  readonly isType?: boolean;
}

/**
 * A name that a file can use after `edits`. `local` is the alias, if the file already imports the
 * name under one.
 */
export interface ImportedName {
  readonly name: string;
  readonly local: string;
  readonly edits: readonly TextEdit[];
}

/**
 * Imports the value or type `name` from `specifier`.
 * @throws SchematicError (`UNSAFE_EDIT`) if the file uses the name for something else, or imports
 * the value as a type only
 */
export function importName(source: ts.SourceFile, name: string, specifier: string, isType = false): ImportedName {
  const declarations = importsOf(source, specifier);
  const bound = declarations
    .flatMap(namedBindings)
    .find((binding) => (binding.propertyName ?? binding.name).text === name);
  if (bound) {
    if (isTypeOnly(bound) && !isType) throw taken(source, name, 'is imported as a type only');
    return { name, local: bound.name.text, edits: [] };
  }
  if (isDeclared(source, name)) throw taken(source, name, 'already has another meaning');

  const open = declarations.flatMap(openBindings)[0];
  return {
    name,
    local: name,
    edits: [
      open
        ? appendBinding(source, open, isType ? `type ${name}` : name)
        : newDeclaration(source, { name, specifier, isNamespace: false, isType }),
    ],
  };
}

function openBindings(declaration: ts.ImportDeclaration): ts.NamedImports[] {
  const { namedBindings: bindings, phaseModifier } = declaration.importClause ?? {};
  return bindings && phaseModifier === undefined && ts.isNamedImports(bindings) ? [bindings] : [];
}

function isTypeOnly(binding: ts.ImportSpecifier): boolean {
  return binding.isTypeOnly || binding.parent.parent.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function isDeclared(source: ts.SourceFile, name: string): boolean {
  return findImport(source, name) !== undefined || declaredNames(source).includes(name);
}

function appendBinding(source: ts.SourceFile, bindings: ts.NamedImports, name: string): TextEdit {
  const last = bindings.elements.at(-1);
  if (!last) return { start: bindings.getStart(source), end: bindings.end, text: `{ ${name} }` };
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const isMultiLine = lineOf(last.getStart(source)) !== lineOf(bindings.getStart(source));
  const { indent, eol } = detectStyle(source);
  return insertion(last.end, isMultiLine ? `,${eol}${indent}${name}` : `, ${name}`);
}

interface NewDeclaration {
  readonly name: string;
  readonly specifier: string;
  readonly isNamespace: boolean;
  readonly isType: boolean;
}

/** Adds an import declaration after the existing ones. */
function newDeclaration(source: ts.SourceFile, declaration: NewDeclaration): TextEdit {
  const style = detectStyle(source);
  const { eol } = style;
  const line = restyle(render('source/import.ts', { ...declaration }), style).trimEnd();
  const last = source.statements.findLast(ts.isImportDeclaration);
  if (!last) return insertion(firstLine(source), `${line}${eol}${source.text.trim() === '' ? '' : eol}`);
  const comments = ts.getTrailingCommentRanges(source.text, last.end) ?? [];
  return insertion(comments.at(-1)?.end ?? last.end, `${eol}${line}`);
}

function firstLine(source: ts.SourceFile): number {
  const shebang = ts.getShebang(source.text);
  return shebang === undefined ? 0 : source.text.indexOf('\n', shebang.length) + 1;
}

function taken(source: ts.SourceFile, name: string, why: string): SchematicError {
  return new SchematicError('UNSAFE_EDIT', `In ${source.fileName}, ${name} ${why}.`, name);
}

/** Imports a module as a namespace, as in `import * as name from 'specifier'`. */
function importNamespace(source: ts.SourceFile, name: string, specifier: string): ImportedName {
  const [bound] = namespaceNames(source, specifier);
  if (bound !== undefined) return { name, local: bound, edits: [] };
  return { name, local: name, edits: [newDeclaration(source, { name, specifier, isNamespace: true, isType: false })] };
}
