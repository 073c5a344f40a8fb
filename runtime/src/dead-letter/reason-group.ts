const LONGEST_GROUP = 160;

/** Values that differ between failures of the same kind: ids, numbers and quoted texts. */
const VALUES = [
  /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi,
  /"[^"]*"|'[^']*'|`[^`]*`/g,
  /\b(?=\w*\d)[\w-]*\d[\w-]*\b/g,
];

/**
 * Returns the reason without its values, so that reasons of the same kind are equal: `*` stands for
 * each value. It is usable as the filter `reason`.
 */
export function reasonGroup(reason: string): string {
  const text = VALUES.reduce((kept, value) => kept.replace(value, '*'), reason);
  return text.length > LONGEST_GROUP ? `${text.slice(0, LONGEST_GROUP)}*` : text;
}
