/** A string, a structural character, or a number or keyword. */
const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Without a bound, indentation grows with the square of the depth. */
const MAX_INDENTED_DEPTH = 32;

/**
 * Indents JSON, which may be cut at its end. Values are copied as they are, because parsing would
 * round large numbers.
 */
export function indentedJson(text: string): string {
  let depth = 0;
  let output = '';
  let previous = '';
  const lineBreak = (): string => `\n${'  '.repeat(Math.min(depth, MAX_INDENTED_DEPTH))}`;
  for (const [token] of text.matchAll(TOKEN)) {
    const isClosing = token === '}' || token === ']';
    const wasOpening = previous === '{' || previous === '[';
    if (isClosing) depth = Math.max(0, depth - 1);
    if (previous === ',' || wasOpening !== isClosing) output += lineBreak();
    output += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth++;
    previous = token;
  }
  return output;
}
