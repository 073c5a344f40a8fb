import type { Mistake } from '../subject/mistake';
import type { PatternsOverlap } from '../subject/pattern-overlap';
import type { PatternText } from '../subject/subject-mistake';

// What `defineStream` refuses of a name and of subjects at run time, said by the compiler, as far as literals tell.

type NoNameCharacter = ' ' | '\t' | '\n' | '\r' | '.' | '*' | '>' | '/' | '\\';
type NoName = '' | `${string}${NoNameCharacter}${string}`;

/** A stream's name, or a mistake. */
export type StreamName<Name extends string> = Name extends NoName
  ? Mistake<`'${Name}' is no name of a stream: it has no white space, '.', '*', '>', '/' or '\\', and is not empty`>
  : Name;

/** A stream's subjects; in the place of one that is no subject, or that overlaps a later one, a mistake. */
export type StreamSubjects<Subjects extends readonly string[]> =
  AreRight<Subjects> extends true ? Subjects : Mistakes<Subjects>;

// Most streams have one.
type AreRight<Subjects extends readonly string[]> = Subjects extends readonly []
  ? false
  : Subjects extends readonly [infer Only extends string]
    ? Only extends PatternText<Only>
      ? true
      : false
    : Subjects extends EachOf<Subjects>
      ? true
      : false;

type Mistakes<Subjects extends readonly string[]> = Subjects extends readonly []
  ? Mistake<'a stream has at least one subject'>
  : EachOf<Subjects>;

type EachOf<Subjects extends readonly string[]> = Subjects extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? readonly [First extends PatternText<First> ? Disjoint<First, Rest[number]> : PatternText<First>, ...EachOf<Rest>]
  : Subjects;

type Disjoint<First extends string, Other extends string> = [Overlapping<First, Other>] extends [never]
  ? First
  : Mistake<`'${First}' and '${Overlapping<First, Other>}' overlap: leave out one, or narrow it`>;

type Overlapping<First extends string, Other extends string> = Other extends string
  ? true extends PatternsOverlap<Known<First>, Known<Other>>
    ? Other
    : never
  : never;

/** What only run time knows is checked then. */
type Known<Subject extends string> = string extends Subject ? never : Subject;
