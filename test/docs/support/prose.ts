import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { ROOT } from './pages';

/** A piece of English in the repository. */
export interface Prose {
  readonly kind: 'page' | 'doc comment' | 'comment' | 'string';
  readonly line: number;
  readonly text: string;
}

/** Returns the prose of a Markdown page, a program, a schema or a template. */
export function proseOf(file: string): Prose[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  if (file.endsWith('.md')) return paragraphsOf(text);
  if (file.endsWith('.json') || file.endsWith('.yml')) return linesOf(text, 'string');
  return sourceProse(text);
}

/** Links, table rows, tags of one line and comments behind code are not wrapped. */
export function isWrappable({ kind, text }: Prose): boolean {
  return (
    kind !== 'string' && !/^\s*\||https?:\/\/|\]\(|@throws|@example|^\s*(\/\/|-)? ?(error|prettier-ignore)/.test(text)
  );
}

function paragraphsOf(markdown: string): Prose[] {
  let isCode = false;
  return linesOf(markdown, 'page').filter(({ text }) => {
    const isFence = /^\s*(```|~~~)/.test(text);
    if (isFence) isCode = !isCode;
    return !isFence && !isCode;
  });
}

function linesOf(text: string, kind: Prose['kind'], first = 1): Prose[] {
  return text.split('\n').map((line, at) => ({ kind, line: first + at, text: line }));
}

function sourceProse(text: string): Prose[] {
  const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const found: Prose[] = [];
  const seen = new Set<number>();
  const addComments = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      const comment = text.slice(pos, end);
      const before = text.slice(text.lastIndexOf('\n', pos - 1) + 1, pos);
      const kind = comment.startsWith('/**') ? 'doc comment' : 'comment';
      const [start = '', ...rest] = comment.split('\n');
      const isAlone = before.trim() === '';
      found.push({ kind, line: lineAt(pos), text: isAlone ? `${before}${start}` : start });
      rest.forEach((line, at) => found.push({ kind: 'comment', line: lineAt(pos) + at + 1, text: line }));
    }
  };
  const visit = (node: ts.Node): void => {
    addComments(ts.getLeadingCommentRanges(text, node.getFullStart()));
    addComments(ts.getTrailingCommentRanges(text, node.getEnd()));
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isText && node.text.includes(' '))
      found.push({ kind: 'string', line: lineAt(node.getStart()), text: node.text });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
