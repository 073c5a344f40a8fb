import { ts } from '../source/typescript';
import { detectStyle } from '../source/code-style';
import { insertion, type TextEdit } from './text-edit';

type ListNode = ts.ArrayLiteralExpression | ts.ObjectLiteralExpression;

/** Appends an element to an array or object literal and keeps its layout. */
export function appendElement(source: ts.SourceFile, list: ListNode, element: string): TextEdit[] {
  const elements = elementsOf(list);
  const last = elements.at(-1);
  if (!last) return [fillEmpty(source, list, element)];
  if (lineOf(source, last.end) === lineOf(source, list.end)) {
    const padded = elements.hasTrailingComma ? `${element},` : element;
    return [insertion(lastEnd(source, list), elements.hasTrailingComma ? ` ${padded}` : `, ${padded}`)];
  }

  const { eol } = detectStyle(source);
  const line = `${eol}${indentAt(source, last.getStart(source))}`;
  const comma = elements.hasTrailingComma ? ',' : '';
  const end = lastEnd(source, list);
  const behindComment = ts.getTrailingCommentRanges(source.text, end)?.at(-1)?.end ?? end;
  const separator = elements.hasTrailingComma ? [] : [insertion(last.end, ',')];
  return [...separator, insertion(behindComment, `${line}${indented(element, source, last)}${comma}`)];
}

/** Puts an element before the others of an array or object literal and keeps its layout. */
export function prependElement(source: ts.SourceFile, list: ListNode, element: string): TextEdit[] {
  const first = elementsOf(list)[0];
  if (!first) return appendElement(source, list, element);
  const start = first.getStart(source);
  const isMultiLine = source.text.slice(list.getStart(source), start).includes('\n');
  const { eol } = detectStyle(source);
  const lead = /[ \t]*$/.exec(source.text.slice(0, start))?.[0] ?? '';
  return [insertion(start, isMultiLine ? `${element},${eol}${lead}` : `${element}, `)];
}

/** Removes elements of lists with their commas and comments. */
export function removeElements(source: ts.SourceFile, removed: readonly (ListElement | ts.Expression)[]): TextEdit[] {
  return removed.map((node) => {
    const list: ts.NodeArray<ts.Node> = listAround(node);
    const at = list.indexOf(node);
    const hasComma = at < list.length - 1 || list.hasTrailingComma;
    if (!hasComma) return { start: list[at - 1]?.end ?? node.pos, end: behindComments(source, node.end), text: '' };
    const behindComma = source.text.indexOf(',', node.end) + 1;
    return { start: behindComments(source, node.pos), end: behindComments(source, behindComma), text: '' };
  });
}

type ListElement = ts.ObjectLiteralElementLike | ts.ImportSpecifier | ts.ExportSpecifier;

function listAround({ parent }: ListElement | ts.Expression): ts.NodeArray<ts.Node> {
  if (ts.isObjectLiteralExpression(parent)) return parent.properties;
  return (parent as ts.ArrayLiteralExpression | ts.NamedImports | ts.NamedExports).elements;
}

/** Removes a statement with its line. */
export function removeStatement(source: ts.SourceFile, statement: ts.Statement): TextEdit {
  const { text } = source;
  const lead = /[ \t]*$/.exec(text.slice(0, statement.getStart(source)))?.[0].length ?? 0;
  const rest = /^[ \t]*\r?\n/.exec(text.slice(behindComments(source, statement.end)))?.[0].length ?? 0;
  return {
    start: statement.getStart(source) - (rest > 0 ? lead : 0),
    end: behindComments(source, statement.end) + rest,
    text: '',
  };
}

/** Returns the end of the comments behind a position, on the same line. */
function behindComments(source: ts.SourceFile, position: number): number {
  return ts.getTrailingCommentRanges(source.text, position)?.at(-1)?.end ?? position;
}

/** Returns the indentation of the line at `position`. */
export function indentAt(source: ts.SourceFile, position: number): string {
  const start = source.getPositionOfLineAndCharacter(lineOf(source, position), 0);
  return /^[ \t]*/.exec(source.text.slice(start))?.[0] ?? '';
}

function elementsOf(list: ListNode): ts.NodeArray<ts.Node> {
  return ts.isArrayLiteralExpression(list) ? list.elements : list.properties;
}

function lastEnd(source: ts.SourceFile, list: ListNode): number {
  const elements = elementsOf(list);
  const end = elements.at(-1)?.end ?? list.end - 1;
  return elements.hasTrailingComma ? source.text.indexOf(',', end) + 1 : end;
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line;
}

function fillEmpty(source: ts.SourceFile, list: ListNode, element: string): TextEdit {
  const isObject = ts.isObjectLiteralExpression(list);
  const inside = { start: list.getStart(source) + 1, end: list.end - 1 };
  const content = source.text.slice(inside.start, inside.end);
  const { indent, eol } = detectStyle(source);
  if (content.trim() === '' && !element.includes('\n')) return { ...inside, text: isObject ? ` ${element} ` : element };
  const outer = indentAt(source, list.end - 1);
  const body = `${content.trimEnd()}${eol}${outer}${indent}${element.replaceAll('\n', `\n${outer}${indent}`)},${eol}${outer}`;
  return { ...inside, text: body };
}

function indented(element: string, source: ts.SourceFile, sibling: ts.Node): string {
  return element.replaceAll('\n', `\n${indentAt(source, sibling.getStart(source))}`);
}
