/** The usual English singular: a default that the user can override, not a dictionary. */
export function singular(plural: string): string {
  if (/(ss|us|is|news)$/i.test(plural)) return plural;
  if (/[^aeiou]ies$/i.test(plural)) return `${plural.slice(0, -3)}y`;
  if (/(ss|ch|sh|x|zz)es$/i.test(plural)) return plural.slice(0, -2);
  return plural.replace(/s$/i, '');
}
