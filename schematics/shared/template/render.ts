import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from '../source/typescript';
import { type ImportExtension, withExtension } from '../source/import-extension';
import { descendants, parseText } from '../source/parse';
import { comment } from './comment';
import { compileTemplate } from './compile-template';
import { literal, propertyName } from './literal';

// The same path from the sources and from dist.
const TEMPLATES = join(__dirname, '..', '..', '..', 'templates');

/** A member of a block, as a node of a syntax tree. */
export interface SyntaxMember {
  readonly node: ts.Node;
  /** Text of its doc comment. */
  readonly documentation?: string | undefined;
}

/** The helpers that write values in a template. Templates do not output values in any other way. */
export interface TemplateHelpers {
  /** Writes a string, number, list or object as source code. */
  readonly literal: typeof literal;
  /** Writes a name. Throws if it is not a legal identifier. */
  readonly identifier: (name: string) => string;
  /** Writes a doc comment and a line break. Writes nothing for an empty text. */
  readonly comment: typeof comment;
  /** Writes an object key, or a member printed from its syntax tree with its comment. */
  readonly property: (member: string | SyntaxMember) => string;
  /** Writes one expression from another template or from an existing file. */
  readonly expression: (code: string) => string;
  /** Writes a quoted module specifier. Relative ones get the project's extension. */
  readonly path: (specifier: string) => string;
}

/** Renders `templates/<file>.template` with single quotes, semicolons and two spaces. */
export function render(file: string, values: Record<string, unknown>, extension: ImportExtension = ''): string {
  const source = readFileSync(join(TEMPLATES, `${file}.template`), 'utf8');
  return compileTemplate(source)({ ...values, ...helpers(extension) });
}

function helpers(extension: ImportExtension): TemplateHelpers {
  return {
    literal,
    identifier: legalIdentifier,
    comment,
    property: (member) => (typeof member === 'string' ? propertyName(member) : commented(member)),
    expression: oneExpression,
    path: (specifier) => literal(withExtension(specifier, extension)),
  };
}

function oneExpression(code: string): string {
  // In parentheses, because an object would be parsed as a block.
  const { statements, endOfFileToken } = parseText('expression.ts', `(${code}\n)`);
  const [statement] = statements;
  const isOne = statements.length === 1 && statement && ts.isExpressionStatement(statement);
  if (!isOne || statement.end < endOfFileToken.pos || hasErrors(statement.getSourceFile()))
    throw new TypeError(`${JSON.stringify(code)} is not an expression.`);
  return code;
}

function hasErrors(source: ts.SourceFile): boolean {
  return (source as ts.SourceFile & { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics.length > 0;
}

/** Returns true for `default`, but not for contextual keywords such as `module`. */
export function isReservedWord(name: string): boolean {
  const keyword = ts.identifierToKeywordKind(ts.factory.createIdentifier(name));
  return keyword !== undefined && keyword <= ts.SyntaxKind.LastFutureReservedWord;
}

function legalIdentifier(name: string): string {
  if (isReservedWord(name) || propertyName(name) !== name)
    throw new TypeError(`${JSON.stringify(name)} is not an identifier.`);
  return name;
}

function commented(member: SyntaxMember): string {
  return comment(member.documentation).replaceAll('\n', '\n  ') + printed(member);
}

/** Prints a member for a block. The syntax tree may contain both parsed and created nodes. */
function printed({ node }: SyntaxMember): string {
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  // The printer would put each element of a tuple on its own line.
  for (const each of descendants(node)) if (ts.isTupleTypeNode(each)) ts.setEmitFlags(each, ts.EmitFlags.SingleLine);
  const text = printer.printNode(ts.EmitHint.Unspecified, node, sourceOf(node)).replace(/;$/, '');
  return text.replace(/\n( *)/g, (_line, indent: string) => `\n  ${' '.repeat(indent.length / 2)}`);
}

/**
 * Returns the source of the first parsed node in a created node. The printer takes names and
 * literals from it.
 */
function sourceOf(node: ts.Node): ts.SourceFile {
  const parsed = [...descendants(node)].find((each) => each.pos >= 0 && each.getSourceFile() !== undefined);
  return parsed?.getSourceFile() ?? parseText('event.ts', '');
}
