import type { SubjectMatches } from '@nest-jetstream/transport';
import type { SUBJECT_MATCHING } from './subject-matching-table.js';
import type { Equal, Expect } from './type-equality.js';

type Wrong<Table extends readonly (readonly [string, string, boolean])[]> = {
  [Row in keyof Table]: Equal<SubjectMatches<Table[Row][0], Table[Row][1]>, Table[Row][2]> extends true
    ? never
    : `'${Table[Row][0]}' on '${Table[Row][1]}' is not ${Table[Row][2]}`;
}[number];

declare const wrong: Wrong<typeof SUBJECT_MATCHING>;
export const none: never = wrong;

declare const found: Wrong<[['order', '>', false], ['order', '*', true]]>;
export const theCheckFinds: never = found; // error: 'order' on '>' is not false

export type OneOfSeveralPatterns = [
  Expect<Equal<true extends SubjectMatches<'order.created', 'payment.*' | 'order.*'> ? 1 : 0, 1>>,
  Expect<Equal<true extends SubjectMatches<'order.created', 'payment.*' | 'shop.*'> ? 1 : 0, 0>>,
];
