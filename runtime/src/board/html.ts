/** Markup that is already escaped. Only {@link html} creates it. */
export class Html {
  constructor(readonly text: string) {}
}

/** Value in a template: text, which is escaped, or markup. `undefined` and `false` add nothing. */
export type Content = Html | string | number | false | undefined | readonly Content[];

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Control characters, and characters that reverse the direction of the text around them. */
const INVISIBLE = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Makes markup from a template, and escapes all values. Attribute values must be in quotes.
 */
export function html(template: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(template.map((text, at) => (at === 0 ? text : markupOf(values[at - 1]) + text)).join(''));
}

function markupOf(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  return typeof value === 'object' ? value.map(markupOf).join('') : escaped(String(value));
}

/** Shows invisible characters as their code, so that a message cannot disguise itself. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
    .replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
