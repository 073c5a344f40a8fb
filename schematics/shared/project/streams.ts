import { ts } from '../source/typescript';
import type { Tree } from '../source/tree';
import { localNames } from '../source/imports';
import { descendants, findProperty, isStringLiteral, parseFile, unwrap } from '../source/parse';
import type { NestProject } from './nest-project';
import { importableFiles } from './paths';
import { TRANSPORT_PACKAGE } from './transport-package';

/** A stream that the sources declare with `defineStream({ … })`. */
export interface DeclaredStream {
  readonly path: string;
  /** Name on the server. Undefined if it is computed. */
  readonly name: string | undefined;
  readonly subjects: readonly string[];
  readonly options: ts.ObjectLiteralExpression;
  /** Constant that holds it. */
  readonly constant: string | undefined;
}

/** Finds the streams of a project and of its libraries. */
export function findStreams(tree: Tree, project: NestProject): DeclaredStream[] {
  return importableFiles(tree, project).flatMap((path) => streamsOf(tree, path));
}

export function streamsOf(tree: Tree, path: string): DeclaredStream[] {
  if (!tree.readText(path).includes('defineStream')) return [];
  const source = parseFile(tree, path);
  const callees = localNames(source, 'defineStream', TRANSPORT_PACKAGE);
  return [...descendants(source)].flatMap((node) => {
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || !callees.includes(node.expression.text))
      return [];
    const options = node.arguments[0] && unwrap(node.arguments[0]);
    if (!options || !ts.isObjectLiteralExpression(options)) return [];
    const name = initializer(options, 'name');
    const { parent } = node;
    const constant = ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : undefined;
    return [
      { path, name: isStringLiteral(name) ? name.text : undefined, subjects: subjectsOf(options), options, constant },
    ];
  });
}

function subjectsOf(options: ts.ObjectLiteralExpression): string[] {
  const list = initializer(options, 'subjects');
  if (!list || !ts.isArrayLiteralExpression(list)) return [];
  return list.elements.filter(isStringLiteral).map(({ text }) => text);
}

function initializer(options: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const property = findProperty(options, name);
  return property && ts.isPropertyAssignment(property) ? unwrap(property.initializer) : undefined;
}
