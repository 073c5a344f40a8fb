import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// Not from the package's index, which loads a validator and more.
import { template } from '@angular-devkit/core/src/utils/template';
import { ts } from '../source/typescript';
import type { EventField } from '../fields/parse-fields';
import type { ImportExtension } from '../project/import-extension';
import { literal, propertyName } from './literal';

// The same place seen from the sources and from dist.
const TEMPLATES = join(__dirname, '..', '..', 'templates');

/** What a template writes values with: nothing enters the output in any other way. */
export interface TemplateHelpers {
  /** A string, number, list or object as source text. */
  readonly literal: typeof literal;
  /** A name, refused when it is no legal identifier. */
  readonly identifier: (name: string) => string;
  /** An object key, or a member of an interface printed from its syntax tree. */
  readonly property: (member: string | EventField) => string;
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

function helpers(extension: string): TemplateHelpers {
  return {
    literal,
    identifier: legalIdentifier,
    property: (member) => (typeof member === 'string' ? propertyName(member) : printed(member)),
    comment: (text) => text.replaceAll('*/', '*\\/').replace(/\s+/g, ' '),
    path: (specifier) => literal(specifier.startsWith('.') ? `${specifier}${extension}` : specifier),
  };
}

function legalIdentifier(name: string): string {
  // The keywords behind these are names too, in most places: `module` is one.
  const keyword = ts.identifierToKeywordKind(ts.factory.createIdentifier(name));
  const isReserved = keyword !== undefined && keyword <= ts.SyntaxKind.LastFutureReservedWord;
  if (isReserved || propertyName(name) !== name) throw new TypeError(`${JSON.stringify(name)} is no identifier.`);
  return name;
}

function printed({ node }: EventField): string {
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).replace(/;$/, '');
}
