import { ts } from 'ts-morph';
import { invalidOption } from '../errors';
import { parseText } from '../source/parse';
import { assertJsonType } from './json-type';

/** One field of an event, as the user wrote it. */
export interface EventField {
  readonly name: string;
  readonly node: ts.PropertySignature;
}

/**
 * Parses `id: number; note?: string`, with or without braces, separated by `;`, `,` or line ends.
 * @throws SchematicError for what is no list of fields, or cannot travel as JSON.
 */
export function parseFields(type: string): EventField[] {
  const body = type.trim().replace(/^\{([\s\S]*)\}$/, '$1');
  const source = parseText('event.ts', `interface Event {\n${body}\n}`);
  const [declaration, ...rest] = source.statements;
  const errors = (source as ts.SourceFile & { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics;
  const isOneInterface = declaration !== undefined && ts.isInterfaceDeclaration(declaration) && rest.length === 0;
  if (/\0/.test(type) || errors.length > 0 || !isOneInterface) throw unreadable(type);

  const fields = declaration.members.map((member) => toField(member, type));
  const twice = fields.find(({ name }, index) => fields.findIndex((other) => other.name === name) !== index);
  if (twice) throw invalidOption('type', type, `has the field ${twice.name} twice.`);
  return fields;
}

function toField(member: ts.TypeElement, type: string): EventField {
  const { name } = member;
  if (
    !ts.isPropertySignature(member) ||
    !name ||
    !(ts.isIdentifier(name) || ts.isStringLiteral(name)) ||
    !member.type
  ) {
    throw unreadable(type);
  }
  assertJsonType(member.type, name.text);
  return { name: name.text, node: member };
}

function unreadable(type: string): Error {
  return invalidOption('type', type, 'must be fields with their types, e.g. "id: number; note?: string".');
}
