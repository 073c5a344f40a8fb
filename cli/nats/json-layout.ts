/** A string, a structural character, or a number or keyword. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Returns JSON on one line, or indented by two spaces. Values are copied as they are, because
 * parsing would round large numbers. Undefined if the text is not JSON.
 */
export function layOut(text: string, isIndented: boolean): string | undefined {
  if (!isJson(text)) return undefined;
  const tokens = text.match(TOKEN) ?? [];
  return isIndented ? indented(tokens) : tokens.join('');
}

function indented(tokens: readonly string[]): string {
  let depth = 0;
  let output = '';
  for (const [at, token] of tokens.entries()) {
    const isClosing = token === '}' || token === ']';
    const isEmpty = isClosing && /^[{[]$/.test(tokens[at - 1] ?? '');
    if (isClosing) depth--;
    if (isClosing && !isEmpty) output += lineBreak(depth);
    output += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth++;
    const next = tokens[at + 1];
    if (token === ',' || ((token === '{' || token === '[') && next !== '}' && next !== ']')) output += lineBreak(depth);
  }
  return output;
}

function lineBreak(depth: number): string {
  return `\n${'  '.repeat(depth)}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
