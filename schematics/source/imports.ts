import { ts } from 'ts-morph';
import { SchematicError } from '../errors';
import { detectStyle } from './code-style';
import { insertion, type TextEdit } from './text-edit';

/** A name that a file can use after `edits`; `local` differs from the asked name when the file imports it under an alias. */
export interface ImportedName {
  readonly name: string;
  readonly local: string;
  readonly edits: readonly TextEdit[];
}

/**
 * Makes the value `name` of `specifier` usable in the file.
 * @throws SchematicError when the file uses the name for something else, or has imported it for types only.
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
    edits: [open ? appendBinding(source, open, name) : newDeclaration(source, name, specifier)],
  };
}

/** The local names under which a file has imported `name` of `specifier`. */
export function localNames(source: ts.SourceFile, name: string, specifier: string): string[] {
  return importsOf(source, specifier)
    .flatMap(namedBindings)
    .filter((binding) => (binding.propertyName ?? binding.name).text === name)
    .map((binding) => binding.name.text);
}

/** The import that binds `local` in this file, if one does. */
export function findImport(source: ts.SourceFile, local: string): { specifier: string; name: string } | undefined {
  for (const declaration of source.statements.filter(ts.isImportDeclaration)) {
    const binding = namedBindings(declaration).find((candidate) => candidate.name.text === local);
    const name = binding ? (binding.propertyName ?? binding.name).text : defaultImportName(declaration, local);
    if (name !== undefined) return { specifier: specifierOf(declaration), name };
  }
  return undefined;
}

/** `import * as X` names of a module. */
export function namespaceNames(source: ts.SourceFile, specifier: string): string[] {
  return importsOf(source, specifier).flatMap((declaration) => {
    const bindings = declaration.importClause?.namedBindings;
    return bindings && ts.isNamespaceImport(bindings) ? [bindings.name.text] : [];
  });
}

/** The names that the file declares at its top level. */
export function declaredNames(source: ts.SourceFile): string[] {
  return source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map(({ name }) => name.getText(source));
    }
    return isNamedDeclaration(statement) && statement.name ? [statement.name.text] : [];
  });
}

function isNamedDeclaration(statement: ts.Statement) {
  return (
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  );
}

function defaultImportName(declaration: ts.ImportDeclaration, local: string): string | undefined {
  return declaration.importClause?.name?.text === local ? 'default' : undefined;
}

function specifierOf(declaration: ts.ImportDeclaration): string {
  return ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier.text : '';
}

function importsOf(source: ts.SourceFile, specifier: string): ts.ImportDeclaration[] {
  const wanted = withoutExtension(specifier);
  return source.statements
    .filter(ts.isImportDeclaration)
    .filter((declaration) => withoutExtension(specifierOf(declaration)) === wanted);
}

function withoutExtension(specifier: string): string {
  return specifier.startsWith('.') ? specifier.replace(/\.[cm]?[jt]s$/, '') : specifier;
}

function namedBindings(declaration: ts.ImportDeclaration): readonly ts.ImportSpecifier[] {
  const bindings = declaration.importClause?.namedBindings;
  return bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
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

function newDeclaration(source: ts.SourceFile, name: string, specifier: string): TextEdit {
  const { quote, semicolons, eol } = detectStyle(source);
  const line = `import { ${name} } from ${quote}${specifier}${quote}${semicolons ? ';' : ''}`;
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
