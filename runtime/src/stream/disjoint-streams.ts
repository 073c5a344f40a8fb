import type { PatternsOverlap } from '../subject/pattern-overlap';
import type { StreamDefinition } from './define-stream';

/** The streams, with an error message in place of a stream that overlaps a later one. */
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
  : `Streams '${First['name']}' and '${Overlapping<First, Rest[number]>}' overlap. Narrow the subjects of one of them.`;

type Overlapping<First extends StreamDefinition, Other extends StreamDefinition> = Other extends StreamDefinition
  ? First['name'] extends Other['name']
    ? never
    : true extends PatternsOverlap<Literal<First['subjects'][number]>, Literal<Other['subjects'][number]>>
      ? Other['name']
      : never
  : never;

/** Checks literal types only. Other subjects are checked at startup. */
type Literal<Subject extends string> = string extends Subject ? never : Subject;
