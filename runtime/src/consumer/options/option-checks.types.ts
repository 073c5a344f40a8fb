import type { AnySubject } from '../../subject/event-subject';
import type { EventOf } from '../../subject/subject-member';
import type { JetStreamTypeError } from '../../subject/type-error.types';
import type { HandlerOptions, JetStreamBatchConsumerOptions, JetStreamConsumerOptions } from './consumer-options';
import type { CONFLICTS, REQUIREMENTS, VALUE_RULES } from './option-rules';

// Rules of option-rules.ts, checked by the compiler as far as an object written at the call shows
// them. Rules that depend on the defaults of all consumers are checked at start only, such as
// `ackPolicy: 'All'` without `manualAck`.

/** Options that exclude others. Without one of them the compiler skips the other checks. */
type RelatedOption =
  | 'orderedConsumer'
  | 'deliverPolicy'
  | 'deliveryPolicy'
  | 'startSequence'
  | 'startTime'
  | 'startAtTimeDelta'
  | 'ackPolicy'
  | 'backoff'
  | 'retryDelay'
  | 'headersOnly'
  | 'filterSubject'
  | 'maxwaiting'
  | 'orderAcross'
  | PushOption
  | 'flowControl';

type PushOption = 'deliverTo' | 'deliverToSubject' | 'deliverGroup' | 'limit';

/** Options that neither exclude others nor depend on the event. */
type PlainOption = Exclude<keyof JetStreamConsumerOptions, RelatedOption | 'orderBy' | 'batch'>;

/**
 * Options of a consumer of `Subject`. If some of `Given` exclude each other, one of them is a type
 * error. Most calls have plain options only. Their type does not depend on the event, so the
 * compiler compares them once for all calls. The compiler infers `Given` from the branch that
 * accepts nothing. A call with an explicit event type infers no options, so it allows both kinds.
 */
export type CheckedOptions<Given, Subject extends AnySubject> = unknown extends Given
  ? HandlerOptions<EventOf<Subject>>
  : keyof Given extends PlainOption
    ? JetStreamConsumerOptions
    : keyof Given extends never
      ? Given
      : NoInfer<RelatedOptions<Given, Subject>>;

type RelatedOptions<Given, Subject extends AnySubject> = keyof Given & RelatedOption extends never
  ? OptionsOfKind<Given, Subject>
  : WithErrors<OptionsOfKind<Given, Subject>, OptionErrors<Present<Given>>>;

/** Options to compare with. */
type OptionsOfKind<Given, Subject extends AnySubject> = Given extends {
  readonly batch: object;
  readonly orderedConsumer?: false;
}
  ? JetStreamBatchConsumerOptions
  : JetStreamConsumerOptions<EventOf<Subject>>;

type WithErrors<Known, Errors> = [keyof Errors] extends [never] ? Known : Omit<Known, keyof Errors> & Errors;

/** Options that certainly have a value: not optional, and not undefined. */
type Present<Given> = {
  [Option in keyof Given as Given extends Readonly<Record<Option, Value>> ? Option : never]: Given[Option];
};

type Value = string | number | boolean | object | null;

type Invalid<Option extends PropertyKey, Text extends string> = { readonly [Name in Option]: JetStreamTypeError<Text> };

// Texts.

type Conflicts = typeof CONFLICTS;
type Requirements = typeof REQUIREMENTS;

/** Message of `InvalidOptionError.conflict`. */
type ConflictText<
  Option extends PropertyKey,
  Other extends PropertyKey,
  Reason,
> = `'${Option & string}' and '${Other & string}' cannot be combined, because ${Reason & string}. Remove one of them.`;

type Conflict<Option extends PropertyKey, Other extends keyof Conflicts> = {
  readonly [Name in Option]: JetStreamTypeError<
    ConflictText<Name, Other, Conflicts[Other][Name & keyof Conflicts[Other]]>
  >;
};

type Requirement<Option extends PropertyKey, Label extends keyof Requirements, Shown extends string> = Invalid<
  Option,
  `'${Shown}' requires ${Requirements[Label][0]}, because ${Requirements[Label][1]}.`
>;

// Rules.

type OptionErrors<Given> = AliasErrors<Given> &
  StartErrors<Given, PolicyOf<Given>> &
  ListErrors<Given> &
  HeaderErrors<Given> &
  (Given extends { readonly orderedConsumer: true }
    ? OrderedErrors<Given>
    : AckErrors<Given> & BackoffErrors<Given> & PushErrors<Given> & AcrossErrors<Given>);

type Alias<Given, Option extends string, Other extends keyof Conflicts> =
  Given extends Readonly<Record<Option | Other, unknown>> ? Conflict<Option, Other> : unknown;

type AliasErrors<Given> = Alias<Given, 'deliveryPolicy', 'deliverPolicy'> &
  Alias<Given, 'maxwaiting', 'maxWaiting'> &
  Alias<Given, 'filterSubject', 'filterSubjects'>;

type PolicyOf<Given> = Given extends { readonly deliverPolicy: infer Name extends string }
  ? Name
  : Given extends { readonly deliveryPolicy: infer Name extends string }
    ? Name
    : undefined;

type PolicyOption<Given> = Extract<keyof Given, 'deliverPolicy' | 'deliveryPolicy'>;

type StartOption = 'startSequence' | 'startTime' | 'startAtTimeDelta';

type StartErrors<Given, Policy> = (keyof Given & StartOption extends never
  ? unknown
  : Alias<Given, 'startTime', 'startAtTimeDelta'> &
      Alias<Given, 'startTime', 'startSequence'> &
      Alias<Given, 'startAtTimeDelta', 'startSequence'>) &
  (Policy extends string ? StartOfPolicy<Given, Policy> : unknown);

type StartOfPolicy<Given, Policy extends string> = string extends Policy
  ? unknown
  : Policy extends 'ByStartSequence' | 'by_start_sequence'
    ? 'startSequence' extends keyof Given
      ? unknown
      : Requirement<PolicyOption<Given>, 'deliverPolicy: by_start_sequence', `deliverPolicy: ${Policy}`>
    : Policy extends 'ByStartTime' | 'by_start_time'
      ? keyof Given & ('startTime' | 'startAtTimeDelta') extends never
        ? Requirement<PolicyOption<Given>, 'deliverPolicy: by_start_time', `deliverPolicy: ${Policy}`>
        : unknown
      : keyof Given & StartOption extends never
        ? unknown
        : StartConflict<keyof Given & StartOption, Policy>;

type StartConflict<Option extends StartOption, Policy extends string> = {
  readonly [Name in Option]: JetStreamTypeError<
    ConflictText<Name, `deliverPolicy: ${Policy}`, Conflicts['deliverPolicy: all'][Name]>
  >;
};

type Acknowledging = Exclude<keyof Conflicts['ackPolicy: none'], 'orderAcross: instances'>;

type AckErrors<Given> = Given extends { readonly ackPolicy: infer Policy extends 'none' | 'None' }
  ? keyof Given & Acknowledging extends never
    ? unknown
    : WithoutAcksErrors<keyof Given & Acknowledging, Policy>
  : Given extends { readonly ackPolicy: infer Policy extends 'all' | 'All'; readonly manualAck: false }
    ? Requirement<'ackPolicy', 'ackPolicy: all', `ackPolicy: ${Policy}`>
    : unknown;

type WithoutAcksErrors<Option extends Acknowledging, Policy extends string> = {
  readonly [Name in Option]: JetStreamTypeError<
    ConflictText<Name, `ackPolicy: ${Policy}`, Conflicts['ackPolicy: none'][Name]>
  >;
};

type BackoffErrors<Given> = Given extends { readonly backoff: infer Pauses }
  ? 'ackWait' extends keyof Given
    ? Conflict<'backoff', 'ackWait'>
    : Pauses extends readonly []
      ? Invalid<'backoff', (typeof VALUE_RULES)['backoff']>
      : Given extends { readonly maxDeliver: infer Times extends number }
        ? `${Times}` extends keyof Pauses
          ? Invalid<'backoff', (typeof VALUE_RULES)['longBackoff']>
          : unknown
        : unknown
  : unknown;

type ListErrors<Given> = Given extends { readonly retryDelay: readonly [] }
  ? Invalid<'retryDelay', (typeof VALUE_RULES)['retryDelay']>
  : unknown;

type HeaderErrors<Given> = Given extends { readonly headersOnly: true; readonly deadLetter: 'stream' }
  ? Requirement<'headersOnly', 'headersOnly: true', 'headersOnly'>
  : unknown;

type PushErrors<Given> = (Given extends { readonly flowControl: true }
  ? PullOnlyErrors<Given, 'flowControl'>
  : keyof Given & PushOption extends never
    ? unknown
    : PullOnlyErrors<Given, keyof Given & PushOption>) &
  Alias<Given, 'deliverTo', 'deliverToSubject'> &
  (Given extends { readonly deliverGroup: unknown; readonly flowControl: true }
    ? Conflict<'deliverGroup', 'flowControl'>
    : Alias<Given, 'deliverGroup', 'idleHeartbeat'>);

type PullOnlyErrors<Given, Push extends PropertyKey> = keyof Given &
  ('maxWaiting' | 'maxwaiting' | 'maxMessages') extends never
  ? unknown
  : PullOnly<keyof Given & ('maxWaiting' | 'maxwaiting' | 'maxMessages'), Push>;

type PullOnly<Option extends 'maxWaiting' | 'maxwaiting' | 'maxMessages', Push extends PropertyKey> = {
  readonly [Name in Option]: JetStreamTypeError<
    ConflictText<
      Name extends 'maxwaiting' ? 'maxWaiting' : Name,
      Push,
      Conflicts['flowControl'][Name extends 'maxwaiting' ? 'maxWaiting' : Name]
    >
  >;
};

type AcrossErrors<Given> = Given extends { readonly orderAcross: 'instances' }
  ? ('orderBy' extends keyof Given
      ? unknown
      : Requirement<'orderAcross', 'orderAcross: instances', 'orderAcross: instances'>) &
      (Given extends { readonly flowControl: true }
        ? AcrossConflict<'flowControl'>
        : keyof Given & PushOption extends never
          ? unknown
          : AcrossConflict<keyof Given & PushOption>) &
      (Given extends { readonly ackPolicy: infer Policy extends 'none' | 'None' | 'all' | 'All' }
        ? AcrossConflict<`ackPolicy: ${Policy}`, Conflicts['ackPolicy: all']['orderAcross: instances']>
        : unknown) &
      (Given extends { readonly manualAck: true } ? ConflictWithAcross<'manualAck'> : unknown) &
      ('backoff' extends keyof Given ? ConflictWithAcross<'backoff'> : unknown)
  : unknown;

type AcrossConflict<Other extends PropertyKey, Reason = Conflicts['flowControl']['orderAcross: instances']> = Invalid<
  'orderAcross',
  ConflictText<'orderAcross: instances', Other, Reason>
>;

type ConflictWithAcross<Option extends 'manualAck' | 'backoff'> = Invalid<
  Option,
  ConflictText<Option, 'orderAcross: instances', Conflicts['orderAcross: instances'][Option]>
>;

type Ordered = Conflicts['orderedConsumer'];

type OrderedErrors<Given> = {
  readonly [
    Option in keyof Given & (keyof Ordered | 'ackPolicy') as IsImplied<Option, Given[Option]> extends true
      ? never
      : Option
  ]: Option extends keyof Ordered
    ? JetStreamTypeError<ConflictText<Option, 'orderedConsumer', Ordered[Option]>>
    : JetStreamTypeError<
        ConflictText<`ackPolicy: ${Given[Option] & string}`, 'orderedConsumer', Ordered['ackPolicy: all']>
      >;
};

/** True for values that an ordered consumer has anyway, `false` and no acknowledgements. */
type IsImplied<Option, Given> = Given extends false
  ? true
  : Option extends 'ackPolicy'
    ? Given extends 'none' | 'None'
      ? true
      : false
    : false;
