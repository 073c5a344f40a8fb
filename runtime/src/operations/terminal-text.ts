/**
 * Characters that a terminal would run or reorder: controls, and those that change the direction of
 * the text.
 */
const HOSTILE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Escapes text of messages for a terminal, such as `\u001b`. */
export function terminalText(text: string): string {
  return text.replace(HOSTILE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
