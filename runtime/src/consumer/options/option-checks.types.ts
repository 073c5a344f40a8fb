import type { AnySubject } from '../../subject/event-subject';
import type { Mistake } from '../../subject/mistake';
import type { EventOf } from '../../subject/subject-member';
import type { EitherOptions, JetStreamBatchConsumerOptions, JetStreamConsumerOptions } from './consumer-options';
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
 * Options that a consumer of `Subject` may have. Where those that are given exclude each other, one
 * of them has the type of a mistake. Most calls have plain options only, whose type does not depend
 * on the event, so the compiler compares them once for all. `Given` is inferred from the branch
 * that accepts nothing. A call that states its event type infers no options, so it may be of either
 * kind.
 */
export type CheckedOptions<Given, Subject extends AnySubject> = unknown extends Given
  ? EitherOptions<EventOf<Subject>>
  : keyof Given extends PlainOption
    ? JetStreamConsumerOptions
    : keyof Given extends never
      ? Given
      : NoInfer<RelatedOptions<Given, Subject>>;

type RelatedOptions<Given, Subject extends AnySubject> = keyof Given & RelatedOption extends never
  ? OptionsOfKind<Given, Subject>
  : OrInvalid<OptionsOfKind<Given, Subject>, Mistakes<Present<Given>>>;

/** Options to compare with. */
type OptionsOfKind<Given, Subject extends AnySubject> = Given extends {
  readonly batch: object;
  readonly orderedConsumer?: false;
}
  ? JetStreamBatchConsumerOptions
  : JetStreamConsumerOptions<EventOf<Subject>>;

type OrInvalid<Known, Refused> = [keyof Refused] extends [never] ? Known : Omit<Known, keyof Refused> & Refused;

/** Options that certainly have a value: not optional, and not undefined. */
type Present<Given> = {
  [Option in keyof Given as Given extends Readonly<Record<Option, Value>> ? Option : never]: Given[Option];
};

type Value = string | number | boolean | object | null;

type Invalid<Option extends PropertyKey, Text> = { readonly [Name in Option]: Mistake<Text> };

// Texts.

type Conflicts = typeof CONFLICTS;
type Requirements = typeof REQUIREMENTS;

/** Text of `conflictError`. */
type ConflictText<
  Option extends PropertyKey,
  Other extends PropertyKey,
  Reason,
> = `'${Option & string}' and '${Other & string}' cannot be combined, because ${Reason & string}. Remove one of them.`;

type Conflict<Option extends PropertyKey, Other extends keyof Conflicts> = {
  readonly [Name in Option]: Mistake<ConflictText<Name, Other, Conflicts[Other][Name & keyof Conflicts[Other]]>>;
};

type Requirement<Option extends PropertyKey, Label extends keyof Requirements, Shown extends string> = Invalid<
  Option,
  `'${Shown}' requires ${Requirements[Label][0]}, because ${Requirements[Label][1]}.`
>;

// Rules.

type Mistakes<Given> = AliasMistakes<Given> &
  StartMistakes<Given, PolicyOf<Given>> &
  ListMistakes<Given> &
  HeaderMistakes<Given> &
  (Given extends { readonly orderedConsumer: true }
    ? OrderedMistakes<Given>
    : AckMistakes<Given> & BackoffMistakes<Given> & PushMistakes<Given> & AcrossMistakes<Given>);

type Alias<Given, Option extends string, Other extends keyof Conflicts> =
  Given extends Readonly<Record<Option | Other, unknown>> ? Conflict<Option, Other> : unknown;

type AliasMistakes<Given> = Alias<Given, 'deliveryPolicy', 'deliverPolicy'> &
  Alias<Given, 'maxwaiting', 'maxWaiting'> &
  Alias<Given, 'filterSubject', 'filterSubjects'>;

type PolicyOf<Given> = Given extends { readonly deliverPolicy: infer Name extends string }
  ? Name
  : Given extends { readonly deliveryPolicy: infer Name extends string }
    ? Name
    : undefined;

type PolicyOption<Given> = Extract<keyof Given, 'deliverPolicy' | 'deliveryPolicy'>;

type StartOption = 'startSequence' | 'startTime' | 'startAtTimeDelta';

type StartMistakes<Given, Policy> = (keyof Given & StartOption extends never
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
        : StartElsewhere<keyof Given & StartOption, Policy>;

type StartElsewhere<Option extends StartOption, Policy extends string> = {
  readonly [Name in Option]: Mistake<
    ConflictText<Name, `deliverPolicy: ${Policy}`, Conflicts['deliverPolicy: all'][Name]>
  >;
};

type Acknowledging = Exclude<keyof Conflicts['ackPolicy: none'], 'orderAcross: instances'>;

type AckMistakes<Given> = Given extends { readonly ackPolicy: infer Policy extends 'none' | 'None' }
  ? keyof Given & Acknowledging extends never
    ? unknown
    : WithoutAcks<keyof Given & Acknowledging, Policy>
  : Given extends { readonly ackPolicy: infer Policy extends 'all' | 'All'; readonly manualAck: false }
    ? Requirement<'ackPolicy', 'ackPolicy: all', `ackPolicy: ${Policy}`>
    : unknown;

type WithoutAcks<Option extends Acknowledging, Policy extends string> = {
  readonly [Name in Option]: Mistake<ConflictText<Name, `ackPolicy: ${Policy}`, Conflicts['ackPolicy: none'][Name]>>;
};

type BackoffMistakes<Given> = Given extends { readonly backoff: infer Pauses }
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

type ListMistakes<Given> = Given extends { readonly retryDelay: readonly [] }
  ? Invalid<'retryDelay', (typeof VALUE_RULES)['retryDelay']>
  : unknown;

type HeaderMistakes<Given> = Given extends { readonly headersOnly: true; readonly deadLetter: 'stream' }
  ? Requirement<'headersOnly', 'headersOnly: true', 'headersOnly'>
  : unknown;

type PushMistakes<Given> = (Given extends { readonly flowControl: true }
  ? PullOptions<Given, 'flowControl'>
  : keyof Given & PushOption extends never
    ? unknown
    : PullOptions<Given, keyof Given & PushOption>) &
  Alias<Given, 'deliverTo', 'deliverToSubject'> &
  (Given extends { readonly deliverGroup: unknown; readonly flowControl: true }
    ? Conflict<'deliverGroup', 'flowControl'>
    : Alias<Given, 'deliverGroup', 'idleHeartbeat'>);

type PullOptions<Given, Push extends PropertyKey> = keyof Given &
  ('maxWaiting' | 'maxwaiting' | 'maxMessages') extends never
  ? unknown
  : PullOnly<keyof Given & ('maxWaiting' | 'maxwaiting' | 'maxMessages'), Push>;

type PullOnly<Option extends 'maxWaiting' | 'maxwaiting' | 'maxMessages', Push extends PropertyKey> = {
  readonly [Name in Option]: Mistake<
    ConflictText<
      Name extends 'maxwaiting' ? 'maxWaiting' : Name,
      Push,
      Conflicts['flowControl'][Name extends 'maxwaiting' ? 'maxWaiting' : Name]
    >
  >;
};

type AcrossMistakes<Given> = Given extends { readonly orderAcross: 'instances' }
  ? ('orderBy' extends keyof Given
      ? unknown
      : Requirement<'orderAcross', 'orderAcross: instances', 'orderAcross: instances'>) &
      (Given extends { readonly flowControl: true }
        ? NotAcross<'flowControl'>
        : keyof Given & PushOption extends never
          ? unknown
          : NotAcross<keyof Given & PushOption>) &
      (Given extends { readonly ackPolicy: infer Policy extends 'none' | 'None' | 'all' | 'All' }
        ? NotAcross<`ackPolicy: ${Policy}`, Conflicts['ackPolicy: all']['orderAcross: instances']>
        : unknown) &
      (Given extends { readonly manualAck: true } ? AcrossRefuses<'manualAck'> : unknown) &
      ('backoff' extends keyof Given ? AcrossRefuses<'backoff'> : unknown)
  : unknown;

type NotAcross<Other extends PropertyKey, Reason = Conflicts['flowControl']['orderAcross: instances']> = Invalid<
  'orderAcross',
  ConflictText<'orderAcross: instances', Other, Reason>
>;

type AcrossRefuses<Option extends 'manualAck' | 'backoff'> = Invalid<
  Option,
  ConflictText<Option, 'orderAcross: instances', Conflicts['orderAcross: instances'][Option]>
>;

type Ordered = Conflicts['orderedConsumer'];

type OrderedMistakes<Given> = {
  readonly [
    Option in keyof Given & (keyof Ordered | 'ackPolicy') as IsNothing<Option, Given[Option]> extends true
      ? never
      : Option
  ]: Option extends keyof Ordered
    ? Mistake<ConflictText<Option, 'orderedConsumer', Ordered[Option]>>
    : Mistake<ConflictText<`ackPolicy: ${Given[Option] & string}`, 'orderedConsumer', Ordered['ackPolicy: all']>>;
};

/** An ordered consumer works like this anyway: `false`, and no acknowledgements. */
type IsNothing<Option, Given> = Given extends false
  ? true
  : Option extends 'ackPolicy'
    ? Given extends 'none' | 'None'
      ? true
      : false
    : false;
