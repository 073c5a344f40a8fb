import { ts } from '../shared/source/typescript';
import type { Documentation } from './json-schema';

/** Returns the doc comment of a symbol, without characters that other tools could interpret. */
export function documentationOf(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): Documentation {
  if (symbol === undefined) return { text: '', isDeprecated: false };
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const isDeprecated = symbol.getJsDocTags(checker).some(({ name }) => name === 'deprecated');
  return { text: plainText(text), isDeprecated };
}

/** Removes control characters and lone surrogates. Keeps line breaks, as `\n` on each system. */
export function plainText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]|[\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}
