import { parseText } from '../../../schematics/shared/source/parse';
import { ts } from '../../../schematics/shared/source/typescript';

/**
 * Returns the syntax tree of a text without names and values.
 * @throws Error for a text that cannot be parsed
 */
export function shapeOf(path: string, text: string): string {
  const source = parseText(path, text) as ts.SourceFile & { parseDiagnostics: readonly ts.Diagnostic[] };
  const [problem] = source.parseDiagnostics;
  if (problem)
    throw new Error(`${path} does not parse: ${ts.flattenDiagnosticMessageText(problem.messageText, ' ')}\n${text}`);
  return shape(source);
}

/** Returns each kind of node with the kind of its parent. */
export function pairsOf(shaped: string): Set<string> {
  const pairs = new Set<string>();
  const open: string[] = [];
  for (const [, kind = '', , close] of shaped.matchAll(/(\w+)(\()|(\))/g)) {
    if (close) open.pop();
    else {
      pairs.add(`${open.at(-1) ?? ''}>${kind}`);
      open.push(kind);
    }
  }
  return pairs;
}

function shape(node: ts.Node): string {
  const children: string[] = [];
  ts.forEachChild(node, (child) => void children.push(shape(child)));
  return `${kindOf(node)}(${children.join('')})`;
}

function kindOf(node: ts.Node): string {
  // A key is quoted only if necessary.
  const isKey =
    ts.isStringLiteral(node) &&
    (ts.isPropertyAssignment(node.parent) || ts.isPropertySignature(node.parent)) &&
    node.parent.name === node;
  return isKey ? 'Identifier' : (ts.SyntaxKind[node.kind] ?? String(node.kind));
}
