import { ts } from './typescript';

/** Returns the names that a file declares at its top level. */
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
