import { ts } from '../source/typescript';
import type { EventField, ParsedField } from './parse-fields';
import { elementOf, isOptionalElement, restOf } from './type-shapes';

const { factory } = ts;

/**
 * The differences between zod and valibot: `string().optional()` in zod is `optional(string())` in
 * valibot.
 */
export interface SchemaDialect {
  /** Name of the library in the file: `z` or `v`. */
  readonly library: string;
  readonly wrapsByMethod: boolean;
  /** Function for one of several strings. */
  readonly choice: 'enum' | 'picklist';
}

/** Returns the properties of an object schema, such as `id: z.number()` for `id: number`. */
export function schemaProperties(fields: readonly ParsedField[], dialect: SchemaDialect): EventField[] {
  return fields.map(({ name, node, documentation }) => ({
    name,
    documentation,
    node: factory.createPropertyAssignment(
      keyOf(node.name),
      optional(expressionOf(node.type, dialect), node.questionToken !== undefined, dialect),
    ),
  }));
}

function keyOf(name: ts.PropertyName): ts.PropertyName {
  return ts.isIdentifier(name) ? factory.createIdentifier(name.text) : name;
}

function optional(schema: ts.Expression, isOptional: boolean, dialect: SchemaDialect): ts.Expression {
  return isOptional ? wrapped('optional', schema, dialect) : schema;
}

function wrapped(modifier: string, schema: ts.Expression, dialect: SchemaDialect): ts.Expression {
  if (!dialect.wrapsByMethod) return call(dialect, modifier, schema);
  return factory.createCallExpression(factory.createPropertyAccessExpression(schema, modifier), undefined, []);
}

function call({ library }: SchemaDialect, name: string, ...args: ts.Expression[]): ts.Expression {
  const method = factory.createPropertyAccessExpression(factory.createIdentifier(library), name);
  return factory.createCallExpression(method, undefined, args);
}

function expressionOf(type: ts.TypeNode | undefined, dialect: SchemaDialect): ts.Expression {
  const inner = (node: ts.TypeNode): ts.Expression => expressionOf(node, dialect);
  if (!type) return call(dialect, 'unknown');
  if (ts.isParenthesizedTypeNode(type) || ts.isTypeOperatorNode(type)) return inner(type.type);
  if (ts.isArrayTypeNode(type)) return call(dialect, 'array', inner(type.elementType));
  if (ts.isTypeLiteralNode(type)) return objectOf(type, dialect);
  if (ts.isUnionTypeNode(type)) return unionOf(type.types, dialect);
  if (ts.isTupleTypeNode(type)) return tupleOf(type, dialect);
  if (ts.isTypeReferenceNode(type)) return referenceOf(type, dialect);
  if (ts.isLiteralTypeNode(type)) return literalOf(type, dialect);
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
      return call(dialect, 'string');
    case ts.SyntaxKind.NumberKeyword:
      return call(dialect, 'number');
    case ts.SyntaxKind.BooleanKeyword:
      return call(dialect, 'boolean');
    case ts.SyntaxKind.UndefinedKeyword:
      return call(dialect, 'undefined');
    default:
      return call(dialect, 'unknown');
  }
}

function objectOf(type: ts.TypeLiteralNode, dialect: SchemaDialect): ts.Expression {
  const properties = type.members.filter(ts.isPropertySignature).map(({ name, type: field, questionToken }) => {
    const schema = optional(expressionOf(field, dialect), questionToken !== undefined, dialect);
    return factory.createPropertyAssignment(keyOf(name), schema);
  });
  return call(dialect, 'object', factory.createObjectLiteralExpression(properties, true));
}

function unionOf(types: readonly ts.TypeNode[], dialect: SchemaDialect): ts.Expression {
  const others = types.filter((type) => !isNull(type));
  const [first] = others;
  if (first && others.length < types.length) {
    const schema = others.length === 1 ? expressionOf(first, dialect) : unionOf(others, dialect);
    return wrapped('nullable', schema, dialect);
  }
  const strings = types.flatMap((type) =>
    ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal] : [],
  );
  if (strings.length === types.length)
    return call(dialect, dialect.choice, factory.createArrayLiteralExpression(strings));
  const options = types.map((type) => expressionOf(type, dialect));
  return call(dialect, 'union', factory.createArrayLiteralExpression(options));
}

function tupleOf(type: ts.TupleTypeNode, dialect: SchemaDialect): ts.Expression {
  const elements = type.elements.filter((element) => !restOf(element));
  const [rest] = type.elements.flatMap((element) => restOf(element) ?? []);
  const items = factory.createArrayLiteralExpression(elements.map((element) => tupleElement(element, dialect)));
  if (!rest) return call(dialect, 'tuple', items);
  const further = expressionOf(elementOf(rest), dialect);
  if (!dialect.wrapsByMethod) return call(dialect, 'tupleWithRest', items, further);
  const method = factory.createPropertyAccessExpression(call(dialect, 'tuple', items), 'rest');
  return factory.createCallExpression(method, undefined, [further]);
}

function tupleElement(element: ts.TypeNode, dialect: SchemaDialect): ts.Expression {
  const inner = ts.isNamedTupleMember(element) || ts.isOptionalTypeNode(element) ? element.type : element;
  return optional(expressionOf(inner, dialect), isOptionalElement(element), dialect);
}

/** Returns the schema of a generic type. parse-fields accepts only the types handled here. */
function referenceOf(type: ts.TypeReferenceNode, dialect: SchemaDialect): ts.Expression {
  const [first, second] = type.typeArguments ?? [];
  const schema = expressionOf(first, dialect);
  switch (type.typeName.getText()) {
    case 'Array':
    case 'ReadonlyArray':
      return call(dialect, 'array', schema);
    case 'Record':
      return call(dialect, 'record', schema, expressionOf(second, dialect));
    case 'Partial':
      return wrapped('partial', schema, dialect);
    default:
      return schema;
  }
}

function literalOf(type: ts.LiteralTypeNode, dialect: SchemaDialect): ts.Expression {
  if (isNull(type)) return call(dialect, 'null');
  return call(dialect, 'literal', type.literal);
}

function isNull(type: ts.TypeNode): boolean {
  return ts.isLiteralTypeNode(type) && type.literal.kind === ts.SyntaxKind.NullKeyword;
}
