import { localNames, namespaceNames } from '../shared/source/imports';
import { descendants, unwrap } from '../shared/source/parse';
import { PLUGIN_PACKAGES } from '../shared/project/plugin-package';
import { ts } from '../shared/source/typescript';

/** Returns the local names of a name of the plugin, including those through a namespace. */
function namesOf(source: ts.SourceFile, name: string): string[] {
  const named = PLUGIN_PACKAGES.flatMap((plugin) => localNames(source, name, plugin));
  const namespaces = PLUGIN_PACKAGES.flatMap((plugin) => namespaceNames(source, plugin));
  return [...named, ...namespaces.map((namespace) => `${namespace}.${name}`)];
}

/** Returns true if a node is one of these names of the plugin. */
export function refersToPlugin(source: ts.SourceFile, node: ts.Node | undefined, ...names: readonly string[]): boolean {
  if (!node) return false;
  const text = node.getText(source);
  return names.some((name) => namesOf(source, name).includes(text));
}

/** Returns the names of the plugin in a type, such as `NatsStreamConfig[]`. */
export function pluginTypes(source: ts.SourceFile, type: ts.TypeNode | undefined, names: readonly string[]): string[] {
  if (!type) return [];
  const references = [...descendants(type)].filter(ts.isTypeReferenceNode);
  return names.filter((name) => references.some(({ typeName }) => refersToPlugin(source, typeName, name)));
}

/** Returns the value of an expression, or of the variable of this file that it names. */
export function valueOf(source: ts.SourceFile, expression: ts.Expression): ts.Expression {
  const inner = unwrap(expression);
  const value = ts.isIdentifier(inner) ? variableOf(source, inner)?.initializer : undefined;
  return value ? unwrap(value) : inner;
}

/** Returns the declaration of a variable in the nearest block around its use. */
export function variableOf(source: ts.SourceFile, use: ts.Identifier): ts.VariableDeclaration | undefined {
  return [...descendants(source)]
    .filter(ts.isVariableDeclaration)
    .filter(({ name }) => name.getText(source) === use.text)
    .findLast((declaration) => isInside(use, scopeOf(declaration)));
}

/** Returns the block in which a variable can be used. */
export function scopeOf(declaration: ts.VariableDeclaration): ts.Node {
  let scope: ts.Node = declaration.parent;
  while (!ts.isBlock(scope) && !ts.isSourceFile(scope)) scope = scope.parent;
  return scope;
}

function isInside(node: ts.Node, scope: ts.Node): boolean {
  return node.pos >= scope.pos && node.end <= scope.end;
}

/** Returns the uses of a local name, without its declaration, keys and members. */
export function usesOf(scope: ts.Node, local: string): ts.Identifier[] {
  return [...descendants(scope)].filter(
    (node): node is ts.Identifier => ts.isIdentifier(node) && node.text === local && !isName(node),
  );
}

function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isImportSpecifier(parent) || ts.isNamespaceImport(parent)) return true;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  return (
    (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodDeclaration(parent)) &&
    parent.name === node
  );
}
