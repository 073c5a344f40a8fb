import { descendants } from './parse';
import { ts } from './typescript';

/** A top-level constant of a file. */
export interface TopLevelConstant {
  readonly initializer: ts.Expression | undefined;
  readonly isTyped: boolean;
  readonly isExported: boolean;
  /** Number of uses in the file, without the declaration. */
  readonly uses: number;
}

export function findConstant(source: ts.SourceFile, name: string): TopLevelConstant | undefined {
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Const)) continue;
    const declaration = statement.declarationList.declarations.find((each) => each.name.getText(source) === name);
    if (!declaration) continue;
    return {
      initializer: declaration.initializer,
      isTyped: declaration.type !== undefined,
      isExported: statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true,
      uses: [...descendants(source)].filter(
        (node) => ts.isIdentifier(node) && node.text === name && node !== declaration.name,
      ).length,
    };
  }
  return undefined;
}
