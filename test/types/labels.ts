/**
 * Labels of a project of cases. They are its Nest version, its compiler, and the options `strict`
 * and `exactOptionalPropertyTypes` of its tsconfig.
 */
const LABELS = ['nest-11', 'nest-12', 'strict', 'exact-optional', 'ts-5.7', 'ts-5.9', 'ts-6', 'ts-7'] as const;

export type Label = (typeof LABELS)[number];

/** Lists of labels. A project meets the condition if it has all labels of one list. */
export type Condition = readonly (readonly Label[])[];

/**
 * Parses a condition. `nest-12 strict` requires both labels, and `ts-5.7, ts-5.9` either of them.
 * @throws Error for an unknown label, because its announcement would apply to no project
 */
export function parseCondition(text: string): Condition {
  return text.split(',').map((alternative) => alternative.trim().split(/\s+/).map(parseLabel));
}

export function holds(condition: Condition, labels: readonly Label[]): boolean {
  return condition.some((alternative) => alternative.every((label) => labels.includes(label)));
}

function parseLabel(word: string): Label {
  const label = LABELS.find((known) => known === word);
  if (label === undefined) throw new Error(`Unknown label '${word}'. Known labels: ${LABELS.join(', ')}.`);
  return label;
}
