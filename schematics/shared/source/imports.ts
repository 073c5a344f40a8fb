import { ts } from './typescript';

/** Returns the local names of an imported `name`. */
export function localNames(source: ts.SourceFile, name: string, specifier: string): string[] {
  return importsOf(source, specifier)
    .flatMap(namedBindings)
    .filter((binding) => (binding.propertyName ?? binding.name).text === name)
    .map((binding) => binding.name.text);
}

/** Finds the import that binds `local`. */
export function findImport(source: ts.SourceFile, local: string): { specifier: string; name: string } | undefined {
  for (const declaration of source.statements.filter(ts.isImportDeclaration)) {
    const binding = namedBindings(declaration).find((candidate) => candidate.name.text === local);
    const name = binding ? (binding.propertyName ?? binding.name).text : defaultImportName(declaration, local);
    if (name !== undefined) return { specifier: specifierOf(declaration), name };
  }
  return undefined;
}

/** Returns the names of `import * as X` for a module. */
export function namespaceNames(source: ts.SourceFile, specifier: string): string[] {
  return importsOf(source, specifier).flatMap((declaration) => {
    const bindings = declaration.importClause?.namedBindings;
    return bindings && ts.isNamespaceImport(bindings) ? [bindings.name.text] : [];
  });
}

function defaultImportName(declaration: ts.ImportDeclaration, local: string): string | undefined {
  return declaration.importClause?.name?.text === local ? 'default' : undefined;
}

function specifierOf(declaration: ts.ImportDeclaration): string {
  return ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier.text : '';
}

/** Returns the import declarations of a module. Ignores extensions of relative specifiers. */
export function importsOf(source: ts.SourceFile, specifier: string): ts.ImportDeclaration[] {
  const wanted = withoutExtension(specifier);
  return source.statements
    .filter(ts.isImportDeclaration)
    .filter((declaration) => withoutExtension(specifierOf(declaration)) === wanted);
}

function withoutExtension(specifier: string): string {
  return specifier.startsWith('.') ? specifier.replace(/\.[cm]?[jt]s$/, '') : specifier;
}

export function namedBindings(declaration: ts.ImportDeclaration): readonly ts.ImportSpecifier[] {
  const bindings = declaration.importClause?.namedBindings;
  return bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
}
