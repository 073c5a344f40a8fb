import { isDeepStrictEqual } from 'node:util';
import { durationMillis } from '../shared/duration';
import { unwrap } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { literal, type LiteralValue } from '../shared/template/literal';

/** Options that are not compared: they are not settings of the stream on the server. */
const OTHERS: ReadonlySet<string> = new Set(['name', 'events', 'monitor', 'deadLetters', 'allowDataLoss']);
const DURATIONS: ReadonlySet<string> = new Set(['maxAge', 'duplicateWindow']);
/** Values that are the same as an absent option. */
const DEFAULTS: ReadonlySet<unknown> = new Set([false, 'none', '', 1, 0]);
/** Values of the server for absent options. Durations are in milliseconds. */
const SERVER_DEFAULTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['storage', 'file'],
  ['retention', 'limits'],
  ['discard', 'old'],
  ['duplicateWindow', 120_000],
]);
const MONITOR = 'io.nats.monitor.';

/** Stands for a value that only the program knows. */
const COMPUTED = Symbol('computed');
type CodeValue = LiteralValue | typeof COMPUTED;

/**
 * Compares the options of a declared stream with those of the document. Computed values are not
 * compared.
 * @param side name of the other side, such as `document`
 */
export function optionDifferences(
  declared: ts.ObjectLiteralExpression,
  described: ReadonlyMap<string, LiteralValue>,
  side: string,
): string[] {
  const inCode = new Map(declared.properties.flatMap(optionOf));
  const names = new Set([...described.keys(), ...inCode.keys()].filter((name) => !OTHERS.has(name)));
  return [...names].flatMap((name) => {
    const own = inCode.get(name);
    const other = described.get(name);
    if (own === COMPUTED || isSame(name, own, other)) return [];
    if (other === undefined) return DEFAULTS.has(own) ? [] : [`only the code has ${name}`];
    const text = `${name}: ${literal(other)}`;
    if (own === undefined) return DEFAULTS.has(other) ? [] : [`only the ${side} has ${text}`];
    return [`${text} is ${name}: ${literal(own)} in the code`];
  });
}

function optionOf(property: ts.ObjectLiteralElementLike): [string, CodeValue][] {
  const { name } = property;
  if (!name || !(ts.isIdentifier(name) || ts.isStringLiteral(name))) return [];
  return [[name.text, ts.isPropertyAssignment(property) ? valueOf(property.initializer) : COMPUTED]];
}

function valueOf(expression: ts.Expression): CodeValue {
  const node = unwrap(expression);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text.replaceAll('_', ''));
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isArrayLiteralExpression(node)) {
    const elements = node.elements.map(valueOf);
    return elements.every((each) => each !== COMPUTED) ? elements : COMPUTED;
  }
  if (!ts.isObjectLiteralExpression(node)) return COMPUTED;
  const members = node.properties.flatMap(optionOf);
  const isComplete = members.length === node.properties.length && members.every(([, value]) => value !== COMPUTED);
  return isComplete ? (Object.fromEntries(members) as LiteralValue) : COMPUTED;
}

function isSame(name: string, left: CodeValue | undefined, right: LiteralValue | undefined): boolean {
  const absent = SERVER_DEFAULTS.get(name);
  return isDeepStrictEqual(comparable(name, left) ?? absent, comparable(name, right) ?? absent);
}

/** Returns one value for all forms of an option, such as durations in milliseconds. */
function comparable(name: string, value: CodeValue | undefined): unknown {
  if (DURATIONS.has(name) && typeof value === 'string') return durationMillis(value);
  if (name === 'subjects' && Array.isArray(value)) return value.map(String).toSorted();
  // The option `monitor` writes these.
  if (name === 'metadata' && typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([key]) => !key.startsWith(MONITOR));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value;
}
