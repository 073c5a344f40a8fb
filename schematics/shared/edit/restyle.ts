import { ts } from '../source/typescript';
import type { CodeStyle } from '../source/code-style';
import { descendants, parseText } from '../source/parse';
import { editedText, type TextEdit } from './text-edit';

/**
 * Rewrites code of our templates (single quotes, semicolons, two spaces, `\n`) in another style.
 */
export function restyle(code: string, style: CodeStyle): string {
  const isOurs = style.quote === "'" && style.semicolons && style.indent === '  ';
  const restyled = isOurs ? code : rewritten(code, style);
  return style.eol === '\n' ? restyled : restyled.replace(/\r?\n/g, style.eol);
}

function rewritten(code: string, style: CodeStyle): string {
  const source = parseText('code.ts', code);
  const edits = [...quoteEdits(source, style), ...semicolonEdits(source, style), ...indentEdits(source, style)];
  return editedText(code, edits);
}

function quoteEdits(source: ts.SourceFile, style: CodeStyle): TextEdit[] {
  if (style.quote === "'") return [];
  return [...descendants(source)]
    .filter(ts.isStringLiteral)
    .filter((node) => node.getText(source).startsWith("'") && !node.text.includes('"'))
    .map((node) => ({ start: node.getStart(source), end: node.end, text: JSON.stringify(node.text) }));
}

function semicolonEdits(source: ts.SourceFile, style: CodeStyle): TextEdit[] {
  if (style.semicolons) return [];
  const { text } = source;
  const ends = [...descendants(source)]
    .filter((node) => text[node.end - 1] === ';' && /^\s*(\n|$)/.test(text.slice(node.end)))
    // A line that starts with one of these would continue the previous statement.
    .filter((node) => !/^\s*[([`+\-/]/.test(text.slice(node.end)))
    .map((node) => node.end);
  return [...new Set(ends)].map((end) => ({ start: end - 1, end, text: '' }));
}

function indentEdits(source: ts.SourceFile, style: CodeStyle): TextEdit[] {
  if (style.indent === '  ') return [];
  return source
    .getLineStarts()
    .map((start) => ({ start, width: /^ */.exec(source.text.slice(start))?.[0].length ?? 0 }))
    .filter(({ start, width }) => width > 1 && !insideTemplateLiteral(source, start))
    .map(({ start, width }) => ({ start, end: start + width, text: style.indent.repeat(Math.floor(width / 2)) }));
}

function insideTemplateLiteral(source: ts.SourceFile, position: number): boolean {
  return [...descendants(source)].some(
    (node) => ts.isTemplateLiteral(node) && node.getStart(source) < position && position < node.end,
  );
}
