/** Size of a piece in characters. */
const PIECE = 65_536;

/** Joins lines to pieces, with a line break after each line. */
export function* outputPieces(lines: Iterable<string>): Generator<string, void> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/**
 * Yields the text of `JSON.stringify(result, null, 2)` without its line breaks. Long arrays of the
 * result are written one element at a time.
 */
export function* jsonLines(result: object): Generator<string, void> {
  const members = Object.entries(result).filter(([, value]) => value !== undefined);
  if (members.length === 0 || Array.isArray(result)) {
    yield JSON.stringify(result, null, 2);
    return;
  }
  yield '{';
  for (const [at, [name, value]] of members.entries()) {
    const start = `  ${JSON.stringify(name)}: `;
    const end = at < members.length - 1 ? ',' : '';
    if (!Array.isArray(value) || value.length === 0) {
      yield `${start}${indented(value, '  ')}${end}`;
      continue;
    }
    yield `${start}[`;
    const { length } = value;
    for (const [index, element] of value.entries())
      yield `    ${indented(element, '    ')}${index < length - 1 ? ',' : ''}`;
    yield `  ]${end}`;
  }
  yield '}';
}

function indented(value: unknown, indentation: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indentation}`);
}
