import { ts } from '../source/typescript';
import { SchematicError } from '../errors';
import { detectStyle } from '../source/code-style';
import { declaredNames } from '../source/declared-names';
import { findImport, importsOf, namedBindings } from '../source/imports';
import { render } from '../template/render';
import { restyle } from './restyle';
import { insertion, type TextEdit } from './text-edit';

/**
 * A name that a file can use after `edits`; `local` differs from the asked name when the file
 * imports it under an alias.
 */
export interface ImportedName {
  readonly name: string;
  readonly local: string;
  readonly edits: readonly TextEdit[];
}

/**
 * Makes the value `name` of `specifier` usable in the file.
 * @throws SchematicError when the file uses the name for something else, or has imported it for
 * types only.
 */
export function importName(source: ts.SourceFile, name: string, specifier: string): ImportedName {
  const declarations = importsOf(source, specifier);
  const bound = declarations
    .flatMap(namedBindings)
    .find((binding) => (binding.propertyName ?? binding.name).text === name);
  if (bound) {
    if (isTypeOnly(bound)) throw taken(source, name, 'is imported there for types only');
    return { name, local: bound.name.text, edits: [] };
  }
  if (isDeclared(source, name)) throw taken(source, name, 'already means something else there');

  const open = declarations.flatMap(openBindings)[0];
  return {
    name,
    local: name,
    edits: [open ? appendBinding(source, open, name) : newDeclaration(source, { name, specifier, isNamespace: false })],
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

export interface NewDeclaration {
  readonly name: string;
  readonly specifier: string;
  readonly isNamespace: boolean;
}

/** A declaration of its own behind the others. */
export function newDeclaration(source: ts.SourceFile, declaration: NewDeclaration): TextEdit {
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
  return new SchematicError('UNSAFE_EDIT', `${source.fileName}: ${name} ${why}.`, name);
}
