import { ts } from './typescript';

/** An export from another file. */
export interface ReExport {
  readonly specifier: string;
  /** Name in the other file. */
  readonly original: string;
}

/**
 * Returns the re-exports that may provide `name`: `export { name } from`, `export { x as name }
 * from` and `export * from`.
 */
export function reExports(source: ts.SourceFile, name: string): ReExport[] {
  return source.statements.filter(ts.isExportDeclaration).flatMap(({ exportClause, moduleSpecifier }) => {
    if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return [];
    const specifier = moduleSpecifier.text;
    if (!exportClause) return name === 'default' ? [] : [{ specifier, original: name }];
    if (!ts.isNamedExports(exportClause)) return [];
    return exportClause.elements
      .filter((element) => element.name.text === name)
      .map((element) => ({ specifier, original: (element.propertyName ?? element.name).text }));
  });
}

/**
 * Returns the name of the class that a file exports as default, inline or in a separate statement.
 */
export function defaultExportName(source: ts.SourceFile): string | undefined {
  for (const statement of source.statements) {
    const isDefault =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
    if (isDefault && ts.isClassDeclaration(statement)) return statement.name?.text;
    if (ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression)) return statement.expression.text;
  }
  return undefined;
}
