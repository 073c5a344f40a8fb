/**
 * Characters that a terminal would run or reorder: controls, and those that change the direction of
 * the text.
 */
const HOSTILE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Escapes a line for a terminal, such as `\u001b`. */
export function terminalText(line: string): string {
  return line.replace(HOSTILE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Escapes lines for a terminal. */
export function terminalLines(text: string): string {
  return text.split('\n').map(terminalText).join('\n');
}
