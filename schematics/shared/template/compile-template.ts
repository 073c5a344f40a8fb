import { compileFunction } from 'node:vm';

/** Matches `<%= value %>` and `<% code %>`. */
const TAG = /<%(=?)([^]+?)%>/;

/**
 * Compiles a template. The function writes `<%= value %>` and runs `<% code %>` with its values in
 * scope. It replaces the compiler of devkit, which also loads a library for source maps.
 */
export function compileTemplate(template: string): (values: object) => string {
  const parts = template.split(TAG);
  const statements = ["let __output = '';", 'with (__values) {'];
  for (let at = 0; at < parts.length; at += 3) {
    const [text, sign, code] = parts.slice(at, at + 3);
    statements.push(`__output += ${JSON.stringify(text)};`);
    if (code !== undefined) statements.push(sign === '=' ? `__output += ${code};` : code);
  }
  statements.push('}', 'return __output;');
  // Templates are files of this package, and their values are escaped by helpers.
  return compileFunction(statements.join('\n'), ['__values']) as (values: object) => string;
}
