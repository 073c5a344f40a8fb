/**
 * What can be told of a project of cases: its Nest, its compiler, and whether its tsconfig has
 * `strict` and `exactOptionalPropertyTypes`.
 */
const LABELS = ['nest-11', 'nest-12', 'strict', 'exact-optional', 'ts-5.7', 'ts-5.9', 'ts-6', 'ts-7'] as const;

export type Label = (typeof LABELS)[number];

/** Lists of labels: it holds in a project that has all labels of one of them. */
export type Condition = readonly (readonly Label[])[];

/**
 * Reads `nest-12 strict` as both, and `ts-5.7, ts-5.9` as either.
 * @throws Error for a word that is no label: its announcement would hold nowhere
 */
export function parseCondition(text: string): Condition {
  return text.split(',').map((alternative) => alternative.trim().split(/\s+/).map(parseLabel));
}

export function holds(condition: Condition, labels: readonly Label[]): boolean {
  return condition.some((alternative) => alternative.every((label) => labels.includes(label)));
}

function parseLabel(word: string): Label {
  const label = LABELS.find((known) => known === word);
  if (label === undefined) throw new Error(`"error(${word})" names no label. There are ${LABELS.join(', ')}.`);
  return label;
}
