import type { CapturedNames, CapturedTwice } from './captured-tokens';
import type { ContractSubject, IsStrict } from './contracts';
import type { AnySubject, Knows, MayKnow } from './event-subject';
import type { Mistake } from './mistake';
import type { SubjectMatches } from './subject-match';
import type { SubjectLiteral } from './subject-member';
import type { IsOpen, Tokens } from './subject-tokens';

// A project has hundreds of subjects. Each text is compared with these unions, which the compiler
// does at once; only one that is wrong is taken apart, for the sentence. What only run time knows,
// such as `order.${string}`, is in none of them.

type WhiteSpace = ' ' | '\t' | '\n' | '\r';

/** What the server would refuse or misread. */
type Malformed =
  | ''
  | `$${string}`
  | `${string}${WhiteSpace}${string}`
  | `.${string}`
  | `${string}.`
  | `${string}..${string}`
  | `>.${string}`
  | `${string}.>.${string}`;

/** A pattern: with a token `*` or `>`. */
type Pattern = Wildcard | `${Wildcard}.${string}` | `${string}.${Wildcard}` | `${string}.${Wildcard}.${string}`;
type Wildcard = '*' | '>';

type Capturing = `:${string}` | `${string}.:${string}`;

// Named, because the compiler goes through a union without a name each time.
type NoSubject = Malformed | Pattern;
type NoConstant = NoSubject | Capturing;

type Sentence<Text extends string> = Text extends ''
  ? "a subject is not empty: write one, such as 'order.created'"
  : Text extends `$${string}`
    ? `'${Text}' begins with '$': these subjects belong to the server`
    : Text extends `${string}${WhiteSpace}${string}`
      ? `'${Text}' has white space, which no subject may have`
      : Text extends `.${string}` | `${string}.` | `${string}..${string}`
        ? `'${Text}' has an empty token: write one between each two dots`
        : Text extends `>.${string}` | `${string}.>.${string}`
          ? `'>' may stand at the end of a subject only, not as in '${Text}'`
          : Text extends Pattern
            ? `'${Text}' is a pattern: name one subject`
            : `'${Captured<Text>}' would be a captured token: make it with subjectTemplate`;

type Captured<Text extends string> = Extract<Tokens<Text>[number], `:${string}`>;

/** The parameter of what declares a subject: the text itself, or a mistake. */
export type ConstantText<Text extends string> = Text extends NoConstant ? Mistake<Sentence<Text>> : Text;

/** The parameter of what declares a template. */
export type TemplateText<Text extends string> = Text extends NoSubject
  ? Mistake<Sentence<Text>>
  : Text extends Capturing
    ? '' extends CapturedNames<Text>
      ? Mistake<`'${Text}' captures a token without a name: write one, such as ':id'`>
      : [CapturedTwice<Text>] extends [never]
        ? Text
        : Mistake<`'${Text}' captures ':${CapturedTwice<Text>}' twice: give each its own name`>
    : Mistake<`'${Text}' captures no token: make it with subject`>;

/** The parameter of a call that publishes, where it is no subject constant. */
export type PublishText<Subject extends string> =
  Subject extends Knows<{ readonly one: false }>
    ? Mistake<`'${SubjectLiteral<Subject>}' is a pattern: name one subject`>
    : Subject extends NoSubject
      ? Mistake<Sentence<Subject>>
      : IsStrict extends true
        ? ContractText<Subject>
        : Subject;

type ContractText<Subject extends string> = Subject extends ContractSubject
  ? Subject
  : Subject extends MayKnow<unknown>
    ? Subject
    : IsOpen<Subject> extends true
      ? Subject
      : Mistake<`'${Subject}' is no subject of JetStreamContracts`>;

/** A pattern of a stream: the text itself, or a mistake. */
export type PatternText<Text extends string> = Text extends Malformed ? Mistake<Sentence<Text>> : Text;

/**
 * The parameter of a handler's subject, where it is neither a constant nor a pattern that knows its
 * events.
 */
export type HandlerText<Subject extends AnySubject> = Subject extends string
  ? Subject extends Malformed
    ? Mistake<Sentence<Subject>>
    : IsStrict extends true
      ? ContractPattern<Subject>
      : Subject
  : Subject extends { readonly pattern: Knows<unknown> }
    ? Subject
    : Mistake<'name a subject: a constant, a string, a pattern or a template'>;

type ContractPattern<Subject extends string> =
  Subject extends MayKnow<unknown>
    ? Subject
    : IsOpen<Subject> extends true
      ? Subject
      : true extends ContractMatches<Subject>
        ? Subject
        : Mistake<`no subject of JetStreamContracts matches '${Subject}'`>;

type ContractMatches<Text extends string> = Text extends ContractSubject
  ? true
  : { [Subject in ContractSubject]: SubjectMatches<Subject, Text> }[ContractSubject];
