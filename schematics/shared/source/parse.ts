// `typescript` has no API from version 7 on, so we use the copy in ts-morph.
import { ts } from './typescript';
import type { Tree } from './tree';

export function parseText(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/**
 * Parses a file of the tree. Positions ignore a byte order mark, as those of the tree's recorder
 * do.
 */
export function parseFile(tree: Tree, path: string): ts.SourceFile {
  const text = tree.readText(path);
  const known = parsed.get(path);
  if (known?.text === text) return known;
  const source = parseText(path, text);
  parsed.set(path, source);
  return source;
}

// Cache: a run reads the same files often. A changed file is parsed again.
const parsed = new Map<string, ts.SourceFile>();

/** Yields `node` and its descendants, depth first. */
export function* descendants(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* descendants(child);
}

export function isStringLiteral(
  node: ts.Node | undefined,
): node is ts.StringLiteral | ts.NoSubstitutionTemplateLiteral {
  return node !== undefined && ts.isStringLiteralLike(node);
}

/** Returns the expression inside parentheses and type assertions. */
export function unwrap(expression: ts.Expression): ts.Expression {
  let inner = expression;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isNonNullExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

/** Finds a property of an object literal, with a plain or quoted key. */
export function findProperty(
  object: ts.ObjectLiteralExpression,
  name: string,
): ts.ObjectLiteralElementLike | undefined {
  return object.properties.find(
    (property) =>
      property.name !== undefined &&
      (ts.isIdentifier(property.name) || isStringLiteral(property.name)) &&
      property.name.text === name,
  );
}
