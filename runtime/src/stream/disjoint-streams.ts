import type { PatternsOverlap } from '../subject/pattern-overlap';
import type { StreamDefinition } from './define-stream';

/** The streams themselves; in the place of one that stores a subject of a later one, a sentence, which the compiler's error shows. */
export type DisjointStreams<Streams extends readonly StreamDefinition[]> = Streams extends readonly [
  infer First extends StreamDefinition,
  ...infer Rest extends readonly StreamDefinition[],
]
  ? readonly [OrOverlap<First, Rest>, ...DisjointStreams<Rest>]
  : Streams;

type OrOverlap<First extends StreamDefinition, Rest extends readonly StreamDefinition[]> = [
  Overlapping<First, Rest[number]>,
] extends [never]
  ? First
  : `stream '${First['name']}' stores subjects of stream '${Overlapping<First, Rest[number]>}': narrow the subjects of one of them`;

type Overlapping<First extends StreamDefinition, Other extends StreamDefinition> = Other extends StreamDefinition
  ? First['name'] extends Other['name']
    ? never
    : true extends PatternsOverlap<Known<First['subjects'][number]>, Known<Other['subjects'][number]>>
      ? Other['name']
      : never
  : never;

/** What only run time knows is checked at start. */
type Known<Subject extends string> = string extends Subject ? never : Subject;
