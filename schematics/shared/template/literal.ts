export type LiteralValue =
  string | number | boolean | null | readonly LiteralValue[] | { readonly [key: string]: LiteralValue };

const ONE_LINE = 50;

/**
 * Returns a value as TypeScript source. Objects that do not fit on a line get one line per
 * property, indented by `indent`.
 */
export function literal(value: LiteralValue, indent = ''): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (isList(value)) return `[${value.map((element) => literal(element, indent)).join(', ')}]`;
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const oneLine = `{ ${entries.map(([key, element]) => `${propertyName(key)}: ${literal(element)}`).join(', ')} }`;
  if (oneLine.length <= ONE_LINE && !oneLine.includes('\n')) return oneLine;
  const inner = `${indent}  `;
  const lines = entries.map(([key, element]) => `${inner}${propertyName(key)}: ${literal(element, inner)},`);
  return `{\n${lines.join('\n')}\n${indent}}`;
}

/** Returns an object key, quoted only if necessary. */
export function propertyName(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quoted(key);
}

function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  // Both are legal in JSON but end a line in older JavaScript.
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

function isList(value: object): value is readonly LiteralValue[] {
  return Array.isArray(value);
}
