import { ts } from '../shared/source/typescript';
import { declaredSymbol } from './other-libraries';

/** Stands for a value that is known at run time only. */
export const UNKNOWN = Symbol('unknown');

/** Returns the value of a type of literals, as the compiler infers it for a `const` parameter. */
export function valueOfType(type: ts.Type, checker: ts.TypeChecker): unknown {
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  if (type.flags & ts.TypeFlags.BooleanLiteral) return checker.typeToString(type) === 'true';
  if (checker.isTupleType(type)) {
    const values = checker.getTypeArguments(type as ts.TypeReference).map((each) => valueOfType(each, checker));
    return values.includes(UNKNOWN) ? UNKNOWN : values;
  }
  const isPlain =
    type.flags & ts.TypeFlags.Object && !checker.isArrayLikeType(type) && type.getCallSignatures().length === 0;
  if (!isPlain || type.getProperty('toJSON')) return UNKNOWN;
  return known(
    checker.getPropertiesOfType(type).map((each) => [each.name, valueOfType(checker.getTypeOfSymbol(each), checker)]),
  );
}

/** Returns the value of an expression of literals and constants. */
function valueOfExpression(expression: ts.Expression, checker: ts.TypeChecker): unknown {
  const node = bare(expression);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text.replaceAll('_', ''));
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const value = valueOfExpression(node.operand, checker);
    return typeof value === 'number' ? -value : UNKNOWN;
  }
  if (ts.isBinaryExpression(node)) return calculated(node, checker);
  if (ts.isArrayLiteralExpression(node)) {
    const values = node.elements.map((each) => valueOfExpression(each, checker));
    return values.includes(UNKNOWN) ? UNKNOWN : values;
  }
  if (ts.isObjectLiteralExpression(node)) return known(entriesOf(node, checker));
  const initializer = initializerOf(node, checker);
  if (initializer && initializer !== node) return valueOfExpression(initializer, checker);
  const type = checker.getTypeAtLocation(node);
  return type.isStringLiteral() || type.isNumberLiteral() ? type.value : UNKNOWN;
}

/** Returns the options of an object literal. A spread of unknown content has the name `...`. */
export function entriesOf(node: ts.ObjectLiteralExpression, checker: ts.TypeChecker): [string, unknown][] {
  return node.properties.flatMap((property): [string, unknown][] => {
    if (ts.isShorthandPropertyAssignment(property)) {
      const symbol = checker.getShorthandAssignmentValueSymbol(property);
      const initializer = symbol && constantOf(symbol);
      return [[property.name.text, initializer ? valueOfExpression(initializer, checker) : UNKNOWN]];
    }
    if (ts.isSpreadAssignment(property)) {
      const value = valueOfExpression(property.expression, checker);
      return typeof value === 'object' && value !== null ? Object.entries(value) : [['...', UNKNOWN]];
    }
    const name = property.name && !ts.isComputedPropertyName(property.name) ? property.name.text : '...';
    return [[name, ts.isPropertyAssignment(property) ? valueOfExpression(property.initializer, checker) : UNKNOWN]];
  });
}

/** Returns the object literal that an expression or its constant stands for. */
export function objectLiteralOf(
  expression: ts.Expression,
  checker: ts.TypeChecker,
): ts.ObjectLiteralExpression | undefined {
  const node = bare(expression);
  if (ts.isObjectLiteralExpression(node)) return node;
  const initializer = initializerOf(node, checker);
  return initializer && initializer !== node ? objectLiteralOf(initializer, checker) : undefined;
}

/** Removes `as const`, `satisfies` and parentheses. */
export function bare(expression: ts.Expression): ts.Expression {
  return ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression)
    ? bare(expression.expression)
    : expression;
}

function calculated(node: ts.BinaryExpression, checker: ts.TypeChecker): unknown {
  const [left, right] = [valueOfExpression(node.left, checker), valueOfExpression(node.right, checker)];
  const { kind } = node.operatorToken;
  if (typeof left === 'string' && typeof right === 'string' && kind === ts.SyntaxKind.PlusToken) return left + right;
  if (typeof left !== 'number' || typeof right !== 'number') return UNKNOWN;
  if (kind === ts.SyntaxKind.AsteriskToken) return left * right;
  if (kind === ts.SyntaxKind.AsteriskAsteriskToken) return left ** right;
  if (kind === ts.SyntaxKind.PlusToken) return left + right;
  return UNKNOWN;
}

function initializerOf(node: ts.Expression, checker: ts.TypeChecker): ts.Expression | undefined {
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return undefined;
  const symbol = declaredSymbol(node, checker);
  return symbol && constantOf(symbol);
}

/** Returns the initializer of a `const`. Other variables can change. */
function constantOf({ valueDeclaration: declaration }: ts.Symbol): ts.Expression | undefined {
  if (!declaration || !ts.isVariableDeclaration(declaration)) return undefined;
  return ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const ? declaration.initializer : undefined;
}

function known(entries: readonly (readonly [string, unknown])[]): unknown {
  return entries.some(([, value]) => value === UNKNOWN) ? UNKNOWN : Object.fromEntries(entries);
}

/** Returns the options with a value in the source. */
export function knownOf(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== UNKNOWN));
}
