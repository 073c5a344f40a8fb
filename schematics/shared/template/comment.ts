/** Returns a doc comment and a line break, or nothing for an empty text. */
export function comment(text: string | undefined): string {
  const lines = (text ?? '').split(/\r\n|[\r\n\u2028\u2029]/).map(visible);
  while (lines[0] === '') lines.shift();
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) return '';
  if (lines.length === 1) return `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

/** Removes characters that a reader would not see, and the end of the comment. */
function visible(line: string): string {
  return line
    .replace(/[^\P{C}\t]/gu, '')
    .replaceAll('*/', '*\\/')
    .trimEnd();
}

/** Returns the text of a doc comment, without its stars. */
export function commentText(source: string): string {
  const lines = source
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n');
  return lines
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}
