import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// Not from the package's index, which loads a validator and more.
import { template } from '@angular-devkit/core/src/utils/template';
import { ts } from '../source/typescript';
import { type ImportExtension, withExtension } from '../source/import-extension';
import { descendants, parseText } from '../source/parse';
import { literal, propertyName } from './literal';

// The same place seen from the sources and from dist.
const TEMPLATES = join(__dirname, '..', '..', '..', 'templates');

/** A member of a block, as a node of a syntax tree. */
export interface SyntaxMember {
  readonly node: ts.Node;
}

/** What a template writes values with: nothing enters the output in any other way. */
export interface TemplateHelpers {
  /** A string, number, list or object as source text. */
  readonly literal: typeof literal;
  /** A name, refused when it is no legal identifier. */
  readonly identifier: (name: string) => string;
  /** An object key, or a member of an interface printed from its syntax tree. */
  readonly property: (member: string | SyntaxMember) => string;
  /** One expression, as another template or the file itself has it. */
  readonly expression: (code: string) => string;
  /** Text inside a comment. */
  readonly comment: (text: string) => string;
  /** A module specifier with its quotes; relative ones get the project's extension. */
  readonly path: (specifier: string) => string;
}

/** Renders `templates/<file>.template` with single quotes, semicolons and two spaces. */
export function render(file: string, values: Record<string, unknown>, extension: ImportExtension = ''): string {
  const source = readFileSync(join(TEMPLATES, `${file}.template`), 'utf8');
  return template(source, {})({ ...values, ...helpers(extension) });
}

function helpers(extension: ImportExtension): TemplateHelpers {
  return {
    literal,
    identifier: legalIdentifier,
    property: (member) => (typeof member === 'string' ? propertyName(member) : printed(member)),
    expression: oneExpression,
    comment: (text) => text.replaceAll('*/', '*\\/').replace(/\s+/g, ' '),
    path: (specifier) => literal(withExtension(specifier, extension)),
  };
}

function oneExpression(code: string): string {
  // In parentheses, since an object would be a block.
  const { statements, endOfFileToken } = parseText('expression.ts', `(${code}\n)`);
  const [statement] = statements;
  const isOne = statements.length === 1 && statement && ts.isExpressionStatement(statement);
  if (!isOne || statement.end < endOfFileToken.pos || hasErrors(statement.getSourceFile()))
    throw new TypeError(`${JSON.stringify(code)} is no expression.`);
  return code;
}

function hasErrors(source: ts.SourceFile): boolean {
  return (source as ts.SourceFile & { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics.length > 0;
}

function legalIdentifier(name: string): string {
  // The keywords behind these are names too, in most places: `module` is one.
  const keyword = ts.identifierToKeywordKind(ts.factory.createIdentifier(name));
  const isReserved = keyword !== undefined && keyword <= ts.SyntaxKind.LastFutureReservedWord;
  if (isReserved || propertyName(name) !== name) throw new TypeError(`${JSON.stringify(name)} is no identifier.`);
  return name;
}

/**
 * As it stands in a block: printed from the syntax tree, which may hold nodes of the user's and of
 * ours.
 */
function printed({ node }: SyntaxMember): string {
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  // The printer would give each element of a tuple a line.
  for (const each of descendants(node)) if (ts.isTupleTypeNode(each)) ts.setEmitFlags(each, ts.EmitFlags.SingleLine);
  const text = printer.printNode(ts.EmitHint.Unspecified, node, sourceOf(node)).replace(/;$/, '');
  return text.replace(/\n( *)/g, (_line, indent: string) => `\n  ${' '.repeat(indent.length / 2)}`);
}

/**
 * Of a node that was made, the source of the first one in it that was parsed: the printer takes
 * names and literals from there.
 */
function sourceOf(node: ts.Node): ts.SourceFile {
  const parsed = [...descendants(node)].find((each) => each.pos >= 0 && each.getSourceFile() !== undefined);
  return parsed?.getSourceFile() ?? parseText('event.ts', '');
}
