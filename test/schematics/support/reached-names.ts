import { join } from 'node:path';
import ts from 'typescript';

/** Names that the modules of an application reach. */
export interface ReachedNames {
  readonly controllers: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
}

/**
 * Returns the controllers that an application with this root module runs, and the variables that
 * its modules use. Follows the names in the metadata of modules, in their static methods, and in
 * variables, as the compiler resolves them.
 */
export function reachedNames(
  program: ts.Program,
  folder: string,
  [path, className]: readonly [path: string, className: string],
): ReachedNames {
  const checker = program.getTypeChecker();
  const controllers = new Set<string>();
  const variables = new Set<string>();
  const visited = new Set<string>();
  const source = program.getSourceFile(join(folder, path));
  const root = source?.statements.find(
    (each): each is ts.ClassDeclaration => ts.isClassDeclaration(each) && each.name?.text === className,
  );
  if (!root) throw new Error(`${path} has no class ${className}.`);
  visitDeclaration(root, false);
  return { controllers, variables };

  function visitDeclaration(declaration: ts.Declaration, isController: boolean): void {
    const file = declaration.getSourceFile();
    const id = `${file.fileName}:${declaration.pos}:${isController}`;
    if (visited.has(id) || !file.fileName.startsWith(`${folder}/`)) return;
    visited.add(id);
    if (ts.isClassDeclaration(declaration)) {
      if (isController && declaration.name) controllers.add(declaration.name.text);
      const decorators = ts.getDecorators(declaration) ?? [];
      // The code of other classes registers nothing.
      if (!decorators.some(({ expression }) => expression.getText().startsWith('Module('))) return;
      for (const decorator of decorators) visit(decorator, isController);
      for (const member of declaration.members) if (ts.isMethodDeclaration(member)) visit(member, isController);
    } else if (ts.isVariableDeclaration(declaration) && declaration.initializer) {
      variables.add(declaration.name.getText());
      visit(declaration.initializer, isController);
    } else if (ts.isFunctionDeclaration(declaration)) {
      visit(declaration, isController);
    }
  }

  function visit(node: ts.Node, isController: boolean): void {
    if (ts.isIdentifier(node)) {
      for (const declaration of symbolAt(node)?.declarations ?? []) visitDeclaration(declaration, isController);
      return;
    }
    const isList =
      (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) &&
      node.name.getText() === 'controllers';
    ts.forEachChild(node, (child) => visit(child, isController || isList));
  }

  function symbolAt(node: ts.Identifier): ts.Symbol | undefined {
    const symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    return symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }
}
