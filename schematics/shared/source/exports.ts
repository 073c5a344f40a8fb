import { ts } from './typescript';

/** Where a file has an export from, if it declares none of that name itself. */
export interface ReExport {
  readonly specifier: string;
  /** The name there. */
  readonly original: string;
}

/**
 * The re-exports that may bring `name`: `export { name } from`, `export { x as name } from`,
 * `export * from`.
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
 * The name of the class that a file exports as its default, there or in an assignment of its own.
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
