import type { AnySubject } from '../subject/event-subject';
import type { PatternsOverlap } from '../subject/pattern-overlap';
import type { CheckedPattern, RequestIn, RequestRefusal } from '../subject/subject-checks.types';
import type { SubjectMatches } from '../subject/subject-match';
import type { EventOf, SubjectLiteral } from '../subject/subject-member';
import type { JetStreamTypeError } from '../subject/type-error.types';

// Checks of `defineStream` for literal names and subjects.

/** Subjects of a stream's events, by the names of their constants. */
export type StreamEvents = Readonly<Record<string, AnySubject>>;

/** Events of a stream, with an error message in place of each that is not one of its events. */
export type CoveredEvents<Subjects extends readonly string[], Events extends StreamEvents> = [
  SubjectLiteral<Events[keyof Events]>,
  RequestIn<Events[keyof Events]>,
] extends [Covers<SubjectLiteral<Subjects[number]>>, never]
  ? WithOwnSubjects<Events> extends Events
    ? Events
    : NoInfer<CheckedEvents<Subjects, Events>>
  : NoInfer<CheckedEvents<Subjects, Events>>;

type CheckedEvents<Subjects extends readonly string[], Events extends StreamEvents> = {
  [Name in keyof Events]: Events[Name] extends { readonly subjects: unknown }
    ? JetStreamTypeError<`'${SubjectLiteral<Events[Name]>}' is a pattern. List its events instead.`>
    : [AnySubject] extends [Events[Name]]
      ? JetStreamTypeError<'List subject constants by their names, such as { ORDER_CREATED }.'>
      : Events[Name] extends RequestIn<Events[Name]>
        ? RequestRefusal<Events[Name]>
        : [EventsOf<Events, SubjectLiteral<Events[Name]>>] extends [EventOf<Events[Name]>]
          ? CoveredBy<Subjects, Events[Name]>
          : `Subject '${SubjectLiteral<Events[Name]>}' has two event types in this stream. Remove one of them.`;
};

/** Events by their subjects. A subject that is listed twice has a union. */
type BySubject<Events extends StreamEvents> = {
  readonly [Name in keyof Events as SubjectLiteral<Events[Name]>]: Events[Name] extends { readonly subjects: unknown }
    ? unknown
    : Events[Name];
};

/** All event types of a subject. */
type EventsOf<Events extends StreamEvents, Subject extends string> = Subject extends keyof BySubject<Events>
  ? EventOf<Extract<BySubject<Events>[Subject], AnySubject>>
  : never;

/** `Events`, unless one subject has different events or is a pattern. */
type WithOwnSubjects<
  Events extends StreamEvents,
  Known extends Readonly<Record<string, unknown>> = BySubject<Events>,
> = {
  readonly [Name in keyof Events]: Known[SubjectLiteral<Events[Name]>];
};

/**
 * Subjects without `*` as one type, so that the compiler compares all events together. Events that
 * match only a `*` are compared token by token.
 */
type Covers<Subject extends string> = Subject extends `${string}*${string}`
  ? never
  : Subject extends '>'
    ? string
    : Subject extends `${infer Head}.>`
      ? `${Head}.${string}`
      : Subject;

type CoveredBy<Subjects extends readonly string[], Subject extends AnySubject> =
  true extends SubjectMatches<SubjectLiteral<Subject>, SubjectLiteral<Subjects[number]>>
    ? Subject
    : `Subject '${SubjectLiteral<Subject>}' is not covered by the subjects of this stream.`;

type InvalidCharacter = ' ' | '\t' | '\n' | '\r' | '.' | '*' | '>' | '/' | '\\';
type InvalidName = '' | `${string}${InvalidCharacter}${string}`;

/** The name of a stream, or a type error. */
export type StreamName<Name extends string> = Name extends InvalidName
  ? JetStreamTypeError<`'${Name}' is not a valid stream name. Remove white space, '.', '*', '>', '/' and '\\'.`>
  : Name;

/**
 * Subjects of a stream, with a type error in place of each that is invalid or overlaps a later one.
 */
export type StreamSubjects<Subjects extends readonly string[]> =
  AreValid<Subjects> extends true ? Subjects : SubjectErrors<Subjects>;

// Fast path: most streams have one subject.
type AreValid<Subjects extends readonly string[]> = Subjects extends readonly []
  ? false
  : Subjects extends readonly [infer Only extends string]
    ? Only extends CheckedPattern<Only>
      ? true
      : false
    : Subjects extends CheckEach<Subjects>
      ? true
      : false;

type SubjectErrors<Subjects extends readonly string[]> = Subjects extends readonly []
  ? JetStreamTypeError<'A stream needs at least one subject.'>
  : CheckEach<Subjects>;

type CheckEach<Subjects extends readonly string[]> = Subjects extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? readonly [
      First extends CheckedPattern<First> ? Disjoint<First, Rest[number]> : CheckedPattern<First>,
      ...CheckEach<Rest>,
    ]
  : Subjects;

type Disjoint<First extends string, Other extends string> = [Overlapping<First, Other>] extends [never]
  ? First
  : JetStreamTypeError<`Subjects '${SubjectLiteral<First>}' and '${Overlapping<First, Other>}' overlap. Remove or narrow one of them.`>;

type Overlapping<First extends string, Other extends string> = Other extends string
  ? true extends PatternsOverlap<Literal<First>, Literal<Other>>
    ? SubjectLiteral<Other>
    : never
  : never;

/** Checks literal types only. Other subjects are checked at run time. */
type Literal<Subject extends string> = string extends Subject ? never : SubjectLiteral<Subject>;
