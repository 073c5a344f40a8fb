import type { CapturedNames, DuplicateCapture } from './captured-tokens';
import type { ContractSubject, IsStrict, JetStreamContracts } from './contracts';
import type { AnySubject, Branded, MaybeBranded } from './event-subject';
import type { SubjectMatches } from './subject-match';
import type { SubjectLiteral } from './subject-member';
import type { EMPTY_SUBJECT, SUBJECT_RULES, TOKEN_RULES } from './subject-rules';
import type { Equals } from './equals.types';
import type { IsOpen, Tokens } from './subject-tokens';
import type { JetStreamTypeError } from './type-error.types';

// A project has hundreds of subjects. The compiler compares each text with these unions at once,
// and splits only an invalid one into tokens, for its message. The unions have no member with a
// part that is known at run time only, such as `order.${string}`.

type WhiteSpace = ' ' | '\t' | '\n' | '\r';

/** Texts that the server would refuse or misread. */
type Malformed =
  | ''
  | `$${string}`
  | `${string}${WhiteSpace}${string}`
  | `.${string}`
  | `${string}.`
  | `${string}..${string}`
  | `>.${string}`
  | `${string}.>.${string}`;

/** Texts with a token `*` or `>`. */
type Pattern = Wildcard | `${Wildcard}.${string}` | `${string}.${Wildcard}` | `${string}.${Wildcard}.${string}`;
type Wildcard = '*' | '>';

/** Texts that capture a token. */
type Template = `:${string}` | `${string}.:${string}`;

// Named, because the compiler goes through a union without a name each time.
type NotPublishable = Malformed | Pattern;
type NotConstant = NotPublishable | Template;

// Messages, and not their errors, because the compiler prints the name of an alias of an error.

type SubjectMessage<Text extends string> = Text extends ''
  ? typeof EMPTY_SUBJECT
  : `'${Text}' ${(typeof SUBJECT_RULES)[BrokenRule<Text>]}`;

type BrokenRule<Text extends string> = Text extends `$${string}`
  ? 'reserved'
  : Text extends `${string}${WhiteSpace}${string}`
    ? 'whiteSpace'
    : Text extends `.${string}` | `${string}.` | `${string}..${string}`
      ? 'emptyToken'
      : Text extends `>.${string}` | `${string}.>.${string}`
        ? 'misplacedRest'
        : Text extends Pattern
          ? 'pattern'
          : 'template';

type TokenMessage<
  Token extends string,
  Text extends string,
  Rule extends keyof typeof TOKEN_RULES,
> = `'${Token}' of '${Text}' ${(typeof TOKEN_RULES)[Rule]}`;

type CapturedToken<Text extends string> = Extract<Tokens<Text>[number], `:${string}`>;

/** The subject of a constant, or a type error. */
export type CheckedConstant<Text extends string, Event> = Text extends NotConstant
  ? NoInfer<
      Text extends NotPublishable
        ? JetStreamTypeError<SubjectMessage<Text>>
        : JetStreamTypeError<TokenMessage<CapturedToken<Text>, Text, 'captured'>>
    >
  : Text extends ContractSubject
    ? Equals<JetStreamContracts[Text], Event> extends true
      ? Text
      : JetStreamTypeError<`JetStreamContracts lists another event for '${Text}'.`>
    : Text;

/**
 * The subject of a constant with a schema that transforms events, or a type error. Strict mode has
 * one type for a plain string, so handlers must receive a type that can be published.
 */
export type CheckedSchemaConstant<Text extends string, Event, Published> = Text extends ContractSubject
  ? [Event] extends [Published]
    ? CheckedConstant<Text, Event>
    : JetStreamTypeError<`The schema of '${Text}' transforms events, but JetStreamContracts has one type for it. Remove '${Text}' from it.`>
  : CheckedConstant<Text, Event>;

/** The text of a template, or a type error. */
export type CheckedTemplate<Text extends string> = Text extends NotPublishable
  ? JetStreamTypeError<SubjectMessage<Text>>
  : Text extends Template
    ? '' extends CapturedNames<Text>
      ? JetStreamTypeError<TokenMessage<':', Text, 'unnamed'>>
      : [DuplicateCapture<Text>] extends [never]
        ? Text
        : JetStreamTypeError<TokenMessage<`:${DuplicateCapture<Text>}`, Text, 'duplicate'>>
    : JetStreamTypeError<`'${Text}' ${(typeof SUBJECT_RULES)['noCapture']}`>;

/**
 * The subject of a call that publishes, where it is not a constant, or a type error. The compiler
 * infers `AnySubject` for `All` from an argument that is not a subject.
 */
export type CheckedPublishSubject<Subject extends AnySubject, All> =
  Subject extends Branded<{ readonly isPublishable: false }>
    ? JetStreamTypeError<`'${SubjectLiteral<Subject>}' ${(typeof SUBJECT_RULES)[UnpublishableRule<Subject>]}`>
    : Subject extends string
      ? [AnySubject] extends [All]
        ? JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">
        : Subject extends NotConstant
          ? JetStreamTypeError<SubjectMessage<Subject>>
          : Subject extends MaybeBranded<unknown>
            ? Subject | JetStreamTypeError<'Pass a subject of the stated event type, or leave out the type arguments.'>
            : IsStrict extends true
              ? CheckedContractSubject<Subject>
              : Subject
      : Subject extends { readonly template: infer Text extends string }
        ? JetStreamTypeError<`'${Text}' ${(typeof SUBJECT_RULES)[UnpublishableTemplateRule<Subject>]}`>
        : never;

type UnpublishableRule<Subject> = Subject extends Branded<{ readonly isSendable: true }> ? 'request' : 'pattern';

type UnpublishableTemplateRule<Subject> = Subject extends { readonly pattern: RequestText } ? 'request' : 'template';

type CheckedContractSubject<Subject extends string> = Subject extends ContractSubject
  ? Subject
  : Subject extends MaybeBranded<unknown>
    ? Subject
    : IsOpen<Subject> extends true
      ? Subject
      : JetStreamTypeError<`'${Subject}' is not a subject of JetStreamContracts.`>;

/** A subject or pattern of a stream, or a type error. */
export type CheckedPattern<Text extends string> = Text extends Malformed
  ? JetStreamTypeError<SubjectMessage<Text>>
  : Text extends RequestText
    ? RequestRefusal<Text>
    : Text;

type RequestText = Branded<{ readonly request: unknown }>;

/** Events and handlers of events that are requests. */
export type RequestIn<Subject> = Extract<Subject, RequestText | { readonly pattern: RequestText }>;

/** Type error of a request where an event is expected. */
export type RequestRefusal<Subject extends AnySubject> =
  JetStreamTypeError<`'${SubjectLiteral<Subject>}' ${(typeof SUBJECT_RULES)['request']}`>;

/** The subject of a handler, where it is not a typed subject, or a type error. See `All` above. */
export type CheckedHandlerSubject<Subject extends AnySubject, All> =
  Subject extends RequestIn<Subject>
    ? RequestRefusal<Subject>
    : Subject extends string
      ? [AnySubject] extends [All]
        ? never
        : Subject extends Malformed | Template
          ? JetStreamTypeError<SubjectMessage<Subject>>
          : IsStrict extends true
            ? CheckedContractPattern<Subject>
            : Subject
      : Subject extends { readonly pattern: Branded<unknown> }
        ? Subject
        : JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), a string, a pattern or a template.">;

type CheckedContractPattern<Subject extends string> =
  Subject extends MaybeBranded<unknown>
    ? Subject
    : IsOpen<Subject> extends true
      ? Subject
      : true extends ContractMatches<Subject>
        ? Subject
        : JetStreamTypeError<`No subject of JetStreamContracts matches '${Subject}'.`>;

type ContractMatches<Text extends string> = Text extends ContractSubject
  ? true
  : { [Subject in ContractSubject]: SubjectMatches<Subject, Text> }[ContractSubject];
