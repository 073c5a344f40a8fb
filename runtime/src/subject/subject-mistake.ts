import type { CapturedNames, CapturedTwice } from './captured-tokens';
import type { ContractSubject, IsStrict } from './contracts';
import type { AnySubject, BrandOf, TextOf } from './event-subject';
import type { SubjectMatches } from './subject-match';
import type { HasWildcard, IsOpen, Tokens } from './subject-tokens';

type WhiteSpace = ' ' | '\t' | '\n' | '\r';

/** A sentence for what the server would refuse or misread; never for what it takes, and for what only run time knows. */
type SyntaxMistake<Text extends string> =
  IsOpen<Text> extends true
    ? never
    : Text extends ''
      ? "a subject is not empty: write one, such as 'order.created'"
      : Text extends `$${string}`
        ? `'${Text}' begins with '$': these subjects belong to the server`
        : Text extends `${string}${WhiteSpace}${string}`
          ? `'${Text}' has white space, which no subject may have`
          : '' extends Tokens<Text>[number]
            ? `'${Text}' has an empty token: write one between each two dots`
            : Text extends `${string}.>.${string}` | `>.${string}`
              ? `'>' may stand at the end of a subject only, not as in '${Text}'`
              : never;

/** The first of two mistakes: one sentence is enough. */
type First<Mistake, Other> = [Mistake] extends [never] ? Other : Mistake;

type WildcardMistake<Text extends string> =
  HasWildcard<Text> extends true ? `'${Text}' is a pattern: name one subject` : never;

/** What keeps a text from being one subject. */
export type SubjectMistake<Text extends string> = First<SyntaxMistake<Text>, WildcardMistake<Text>>;

/** What keeps a text from being the constant of a subject. */
export type ConstantMistake<Text extends string> = First<SubjectMistake<Text>, Captures<Text>>;

type Captures<Text extends string> =
  Extract<Tokens<Text>[number], `:${string}`> extends infer Captured extends string
    ? [Captured] extends [never]
      ? never
      : `'${Captured}' would be a captured token: make it with subjectTemplate`
    : never;

/** What keeps a text from being a template. */
export type TemplateMistake<Text extends string> = First<SubjectMistake<Text>, CaptureMistake<Text>>;

type CaptureMistake<Text extends string> = [CapturedNames<Text>] extends [never]
  ? `'${Text}' captures no token: make it with subject`
  : '' extends CapturedNames<Text>
    ? `'${Text}' captures a token without a name: write one, such as ':id'`
    : [CapturedTwice<Text>] extends [never]
      ? never
      : `'${Text}' captures ':${CapturedTwice<Text>}' twice: give each its own name`;

/** What keeps a subject from being published to. */
export type PublishMistake<Subject extends string> = [BrandOf<Subject>] extends [never]
  ? First<SubjectMistake<Subject>, UnknownSubject<Subject>>
  : BrandOf<Subject> extends { readonly text: infer Text extends string }
    ? WildcardMistake<Text>
    : never;

type UnknownSubject<Text extends string> = IsStrict extends true
  ? Text extends ContractSubject
    ? never
    : IsOpen<Text> extends true
      ? never
      : `'${Text}' is no subject of JetStreamContracts`
  : never;

/** What keeps a subject from being the one of a handler. */
export type HandlerMistake<Subject extends AnySubject> = [BrandOf<TextOf<Subject>>] extends [never]
  ? Subject extends string
    ? First<SyntaxMistake<Subject>, UnmatchedPattern<Subject>>
    : 'name a subject: a constant, a string, a pattern or a template'
  : never;

type UnmatchedPattern<Pattern extends string> = IsStrict extends true
  ? IsOpen<Pattern> extends true
    ? never
    : true extends ContractMatches<Pattern>
      ? never
      : `no subject of JetStreamContracts matches '${Pattern}'`
  : never;

type ContractMatches<Pattern extends string> = Pattern extends ContractSubject
  ? true
  : { [Subject in ContractSubject]: SubjectMatches<Subject, Pattern> }[ContractSubject];
