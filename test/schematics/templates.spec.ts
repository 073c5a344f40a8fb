import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { descendants, parseText } from '../../schematics/shared/source/parse';
import { ts } from '../../schematics/shared/source/typescript';
import { literal } from '../../schematics/shared/template/literal';
import { render } from '../../schematics/shared/template/render';

const TEMPLATES = join(__dirname, '..', '..', 'templates');
const files = readdirSync(TEMPLATES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.template'),
);

// Converted to text, because objects of another context never equal ours.
const evaluated = (source: string): unknown => JSON.parse(runInNewContext(`JSON.stringify(${source})`) as string);

const SCHEMATICS = join(TEMPLATES, '..', 'schematics');
// The helpers escape their own output.
const sources = readdirSync(SCHEMATICS, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith(join('shared', 'template')),
);

const CODE = new Set([
  ts.SyntaxKind.ImportDeclaration,
  ts.SyntaxKind.ExportDeclaration,
  ts.SyntaxKind.ClassDeclaration,
  ts.SyntaxKind.InterfaceDeclaration,
  ts.SyntaxKind.VariableDeclaration,
  ts.SyntaxKind.ArrayLiteralExpression,
  ts.SyntaxKind.PropertyAssignment,
  ts.SyntaxKind.ArrowFunction,
  ts.SyntaxKind.Decorator,
]);

/**
 * Returns the template strings of a source that form code. Strings that are only parsed are
 * allowed.
 */
function codeIn(file: string): string[] {
  const source = parseText(file, readFileSync(join(SCHEMATICS, file), 'utf8'));
  return [...descendants(source)]
    .filter(ts.isTemplateExpression)
    .filter(({ parent }) => !(ts.isCallExpression(parent) && parent.expression.getText() === 'parseText'))
    .map((node) => node.head.text + node.templateSpans.map(({ literal: { text } }) => `x${text}`).join(''))
    .filter((text) => [text, `(${text})`].some(isCode));
}

function isCode(text: string): boolean {
  const parsed = parseText('text.ts', text) as ts.SourceFile & { parseDiagnostics: readonly unknown[] };
  return parsed.parseDiagnostics.length === 0 && [...descendants(parsed)].some(({ kind }) => CODE.has(kind));
}

describe('templates', () => {
  it.each(files)('%s writes every value through a helper', (file) => {
    const text = readFileSync(join(TEMPLATES, file), 'utf8');
    const values = [...text.matchAll(/<%[=-]\s*([\s\S]*?)\s*%>/g)].map(([, expression]) => expression);
    const raw = values.filter(
      (expression) => !/^(literal|identifier|property|expression|comment|path)\([\s\S]*\)$/.test(expression ?? ''),
    );
    expect(raw).toEqual([]);
  });

  it('are the only place that composes code', () => {
    const joined = sources.flatMap((file) => codeIn(file).map((text) => `${file}: ${text}`));
    expect(joined).toEqual([]);
  });

  it.each(["it's", '"', '\\', '`${x}`', '*/', '</script>', '\0', '\n', '\u2028', "';process.exit();'", '\ud800'])(
    'literal() escapes %j',
    (value) => {
      const source = literal(value);
      expect(source).toMatch(/^'[^\n\r\u2028\u2029]*'$/);
      expect(evaluated(source)).toBe(value);
    },
  );

  it('literal() writes lists and objects', () => {
    const value = { id: 1, 'order-id': ["it's", null, true], nested: { text: 'x'.repeat(60) } };
    expect(evaluated(literal(value))).toEqual(value);
  });

  it.each(['a, b; c', 'a); (b', '', '} {', '// comment', 'a) //'])('expression() refuses %j', (element) => {
    expect(() => render('source/module-list.ts', { list: 'imports', element, isWhole: false })).toThrow(TypeError);
  });

  it.each(['class', 'a b', '1a', '', 'x;y', 'x.y'])('identifier() refuses %j', (name) => {
    const values = { constant: name, stream: 'S', subjects: ['s'], settings: [] };
    expect(() => render('jetstream-stream/stream.ts', values)).toThrow(TypeError);
  });
});
