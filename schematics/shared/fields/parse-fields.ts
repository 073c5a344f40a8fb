import { ts } from '../source/typescript';
import { invalidOption } from '../errors';
import { parseText } from '../source/parse';
import { commentText } from '../template/comment';
import { assertJsonType } from './json-type';

/**
 * A field of an event as a syntax node: of an interface as the user wrote it, of a class or of a
 * schema.
 */
export interface EventField<Node extends ts.Node = ts.Node> {
  readonly name: string;
  readonly node: Node;
  /** Text of its doc comment. */
  readonly documentation?: string | undefined;
}

/** A field as the user wrote it. */
export type ParsedField = EventField<ts.PropertySignature>;

/**
 * Parses `id: number; note?: string`, with or without braces, separated by `;`, `,` or line breaks.
 * @throws SchematicError (`INVALID_OPTION`) for other text, and for types that JSON cannot
 * represent
 */
export function parseFields(type: string, option = 'type'): ParsedField[] {
  const body = type.trim().replace(/^\{([\s\S]*)\}$/, '$1');
  const source = parseText('event.ts', `interface Event {\n${body}\n}`);
  const [declaration, ...rest] = source.statements;
  const errors = (source as ts.SourceFile & { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics;
  const isOneInterface = declaration !== undefined && ts.isInterfaceDeclaration(declaration) && rest.length === 0;
  if (/\0/.test(type) || errors.length > 0 || !isOneInterface) throw unreadable(type, option);

  const fields = declaration.members.map((member) => toField(member, type, option));
  const twice = fields.find(({ name }, index) => fields.findIndex((other) => other.name === name) !== index);
  if (twice) throw invalidOption(option, type, `has the field ${twice.name} twice.`);
  if (fields.length === 0)
    throw invalidOption(option, type, 'has no field. Pass fields such as "id: number; note?: string".');
  return fields;
}

function toField(member: ts.TypeElement, type: string, option: string): ParsedField {
  const { name } = member;
  if (
    !ts.isPropertySignature(member) ||
    !name ||
    !(ts.isIdentifier(name) || ts.isStringLiteral(name)) ||
    !member.type
  ) {
    throw unreadable(type, option);
  }
  if (name.text === '__proto__')
    throw invalidOption(option, type, 'has the field __proto__, which objects cannot store.');
  assertJsonType(member.type, name.text, option);
  const comment = ts.getJSDocCommentsAndTags(member).find(ts.isJSDoc);
  return { name: name.text, node: member, documentation: comment && commentText(comment.getText()) };
}

function unreadable(type: string, option: string): Error {
  return invalidOption(option, type, 'must be fields with their types, such as "id: number; note?: string".');
}
