/** Words that look like a regular plural but are not, or have an irregular singular. */
const IRREGULAR = new Set(
  `analytics axes brownies calories clothes cookies dies earnings genies goods headquarters lens lies logistics means
  movies news odds pies premises rookies selfies series species statistics thanks ties zombies`.split(/\s+/),
);

/** Endings with a certain singular, and how to build it. */
const ENDINGS: readonly (readonly [ending: RegExp, singular: (word: string) => string])[] = [
  [/[^aeiou]ies$/, (word) => `${word.slice(0, -3)}y`],
  [/(ss|x|[^aeiou]sh|[trn]ch|[aeiou]{2}ch)es$/, (word) => word.slice(0, -2)],
  [/(chas|leas|abas|hous|phras|claus|[nrlp]s)es$/, (word) => word.slice(0, -1)],
  [/(archiv|driv|reserv|curv)es$/, (word) => word.slice(0, -1)],
  [/(video|photo|demo|logo|repo|todo|topic|metric)s$/, (word) => word.slice(0, -1)],
  // May be a singular (`status`), or lose more than its s (`wolves`).
  [/([suiaovz]|ch|sh|x|ic)s$|([sovzx]|ch|sh)es$/, (word) => word],
  [/[^s]s$/, (word) => word.slice(0, -1)],
];

/**
 * Returns the singular of an unambiguous plural, such as `orders`, `deliveries` or `boxes`. Returns
 * other words unchanged. A wrong guess (`news` to `new`, `sms` to `sm`) would end up in the
 * subjects of a stream.
 */
export function singular(name: string): string {
  const [, before = '', last = name] = /^(.*[-_])?([^-_]+)$/.exec(name) ?? [];
  return before + singularWord(last);
}

function singularWord(word: string): string {
  const lower = word.toLowerCase();
  const hasVowel = /[aeiouy]/.test(lower.slice(0, -1));
  if (IRREGULAR.has(lower) || lower.length < 4 || !hasVowel) return word;
  const [, toSingular] = ENDINGS.find(([ending]) => ending.test(lower)) ?? [];
  return toSingular ? toSingular(word) : word;
}
