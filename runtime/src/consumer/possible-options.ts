import type { Mistake } from '../subject/mistake';
import type { AnySubject } from '../subject/event-subject';
import type { EventOf } from '../subject/subject-member';
import type { EitherOptions, JetStreamBatchConsumerOptions, JetStreamConsumerOptions } from './handler-options';
import type { ORDERED_EXCLUDES } from './ordered/ordered-options';

// What a start refuses of one consumer's options, said by the compiler, as far as an object written at the call tells. What
// depends on the defaults of all consumers, such as `ackPolicy: 'All'` without `manualAck`, is known at the start only.

/** Options that exclude others: without one of them the compiler need not think of the rest. */
type Telling =
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
  | Pushing
  | 'flowControl';

type Pushing = 'deliverTo' | 'deliverToSubject' | 'deliverGroup' | 'limit';

/** Options that neither exclude others nor speak of the event. */
type Calm = Exclude<keyof JetStreamConsumerOptions, Telling | 'orderBy' | 'batch'>;

/**
 * The options that a consumer of `Subject` may have, or where those that are given exclude each other, the same with a mistake in
 * the place of one. Most have calm ones only, which are the same whatever the event is: the compiler looks at them once for all.
 * `Given` is inferred from the branch that nothing takes. Where a call states its event type, nothing is known of what is
 * given, and it may be of either kind.
 */
export type PossibleOptions<Given, Subject extends AnySubject> = unknown extends Given
  ? EitherOptions<EventOf<Subject>>
  : keyof Given extends Calm
    ? JetStreamConsumerOptions
    : keyof Given extends never
      ? Given
      : NoInfer<TellingOptions<Given, Subject>>;

type TellingOptions<Given, Subject extends AnySubject> = keyof Given & Telling extends never
  ? OptionsLike<Given, Subject>
  : OrMistakes<OptionsLike<Given, Subject>, Mistakes<Said<Given>>>;

/** What options are compared with. */
type OptionsLike<Given, Subject extends AnySubject> = Given extends {
  readonly batch: object;
  readonly orderedConsumer?: false;
}
  ? JetStreamBatchConsumerOptions
  : JetStreamConsumerOptions<EventOf<Subject>>;

type OrMistakes<Known, Refused> = [keyof Refused] extends [never] ? Known : Omit<Known, keyof Refused> & Refused;

/** What is surely said: neither what may be missing, nor undefined. */
type Said<Given> = {
  [Option in keyof Given as Given extends Readonly<Record<Option, Present>> ? Option : never]: Given[Option];
};

type Present = string | number | boolean | object | null;

type Wrong<Option extends PropertyKey, Sentence> = { readonly [Name in Option]: Mistake<Sentence> };

type Mistakes<Given> = SaidTwice<Given> &
  StartMistakes<Given, PolicyOf<Given>> &
  ListMistakes<Given> &
  HeaderMistakes<Given> &
  (Given extends { readonly orderedConsumer: true }
    ? OrderedMistakes<Given>
    : AckMistakes<Given> & BackoffMistakes<Given> & PushMistakes<Given> & AcrossMistakes<Given>);

type Twice<Given, Option extends string, Other extends string> =
  Given extends Readonly<Record<Option | Other, unknown>>
    ? Wrong<Option, `it says the same as '${Other}': leave out one of them`>
    : unknown;

type SaidTwice<Given> = Twice<Given, 'deliveryPolicy', 'deliverPolicy'> &
  Twice<Given, 'maxwaiting', 'maxWaiting'> &
  Twice<Given, 'filterSubject', 'filterSubjects'>;

// Where a consumer begins.

type PolicyOf<Given> = Given extends { readonly deliverPolicy: infer Name extends string }
  ? Kind<Name>
  : Given extends { readonly deliveryPolicy: infer Name extends string }
    ? Kind<Name>
    : undefined;

type Kind<Name extends string> = Name extends 'ByStartSequence' | 'by_start_sequence'
  ? 'sequence'
  : Name extends 'ByStartTime' | 'by_start_time'
    ? 'time'
    : string extends Name
      ? undefined
      : 'other';

type PolicyOption<Given> = Extract<keyof Given, 'deliverPolicy' | 'deliveryPolicy'>;

type StartMistakes<Given, Policy> = StartOfPolicy<Given, Policy> &
  (Given extends { readonly startTime: unknown; readonly startAtTimeDelta: unknown }
    ? Wrong<'startTime', 'leave out either startTime or startAtTimeDelta'>
    : unknown) &
  (Given extends { readonly startSequence: unknown; readonly startTime: unknown }
    ? Wrong<'startTime', BOTH>
    : unknown) &
  (Given extends { readonly startSequence: unknown; readonly startAtTimeDelta: unknown }
    ? Wrong<'startAtTimeDelta', BOTH>
    : unknown);

type BOTH = 'a consumer begins at a sequence or at a time: leave one of them out';

type StartOfPolicy<Given, Policy> = Policy extends 'sequence'
  ? 'startSequence' extends keyof Given
    ? unknown
    : Wrong<PolicyOption<Given>, 'give startSequence, where to begin'>
  : Policy extends 'time'
    ? keyof Given & ('startTime' | 'startAtTimeDelta') extends never
      ? Wrong<PolicyOption<Given>, 'give startTime or startAtTimeDelta, where to begin'>
      : unknown
    : Policy extends 'other'
      ? keyof Given & StartOption extends never
        ? unknown
        : Wrong<keyof Given & StartOption, 'this deliverPolicy begins elsewhere: leave one of them out'>
      : unknown;

type StartOption = 'startSequence' | 'startTime' | 'startAtTimeDelta';

// What becomes of a message.

type AckMistakes<Given> = Given extends { readonly ackPolicy: 'none' | 'None' }
  ? keyof Given & Acknowledging extends never
    ? unknown
    : Wrong<
        keyof Given & Acknowledging,
        "nothing is acknowledged or delivered again with ackPolicy 'none': leave out one of them"
      >
  : Given extends { readonly ackPolicy: 'all' | 'All'; readonly manualAck: false }
    ? Wrong<
        'ackPolicy',
        'an acknowledgement would settle earlier messages that still run or failed: use explicit, or set manualAck'
      >
    : unknown;

type Acknowledging =
  'maxDeliver' | 'ackWait' | 'backoff' | 'retryDelay' | 'maxAckPending' | 'manualAck' | 'allowDataLoss';

type BackoffMistakes<Given> = Given extends { readonly backoff: infer Pauses }
  ? 'ackWait' extends keyof Given
    ? Wrong<'backoff', 'its pauses take the place of ackWait: leave out one of them'>
    : Pauses extends readonly []
      ? Wrong<'backoff', 'give at least one pause'>
      : Given extends { readonly maxDeliver: infer Times extends number }
        ? `${Times}` extends keyof Pauses
          ? Wrong<'backoff', `give no more pauses than maxDeliver (${Times}) has deliveries`>
          : unknown
        : unknown
  : unknown;

type ListMistakes<Given> = Given extends { readonly retryDelay: readonly [] }
  ? Wrong<'retryDelay', "give a list of at least one pause, such as ['1s', '10s']">
  : unknown;

type HeaderMistakes<Given> = Given extends { readonly headersOnly: true; readonly deadLetter: 'stream' }
  ? Wrong<'headersOnly', "a dead letter would be without its body: set deadLetter to 'off' or a function">
  : unknown;

// How messages come: pulled, pushed, or in order.

type PushMistakes<Given> = Given extends { readonly flowControl: true }
  ? PushedMistakes<Given>
  : keyof Given & Pushing extends never
    ? unknown
    : PushedMistakes<Given>;

type PushedMistakes<Given> = (keyof Given & PullOption extends never
  ? unknown
  : Wrong<
      keyof Given & PullOption,
      "only pull consumers have it: leave it out, or the options 'deliverTo', 'deliverGroup', 'limit' and such"
    >) &
  (Given extends { readonly deliverTo: unknown; readonly deliverToSubject: unknown }
    ? Wrong<'deliverTo', 'leave out either deliverTo, a prefix, or deliverToSubject'>
    : unknown) &
  (Given extends
    | { readonly deliverGroup: unknown; readonly flowControl: true }
    | { readonly deliverGroup: unknown; readonly idleHeartbeat: unknown }
    ? Wrong<'deliverGroup', 'a group has neither flowControl nor idleHeartbeat: leave out the group, or these'>
    : unknown);

type PullOption = 'maxWaiting' | 'maxwaiting' | 'maxMessages';

// In the order of their keys, over all instances.

type AcrossMistakes<Given> = Given extends { readonly orderAcross: 'instances' }
  ? ('orderBy' extends keyof Given
      ? unknown
      : Wrong<'orderAcross', 'give orderBy, the key whose messages keep their order'>) &
      (Given extends { readonly flowControl: true }
        ? PushedAcross
        : keyof Given & Pushing extends never
          ? unknown
          : PushedAcross) &
      (Given extends { readonly ackPolicy: 'none' | 'None' | 'all' | 'All' }
        ? Wrong<'orderAcross', "what an instance leaves behind comes again only with ackPolicy 'explicit'">
        : unknown) &
      (Given extends { readonly manualAck: true }
        ? Wrong<'orderAcross', 'what a handler hands back by itself comes behind later messages: leave out manualAck'>
        : unknown) &
      ('backoff' extends keyof Given
        ? Wrong<
            'orderAcross',
            'its pauses let later messages overtake: use ackWait and retryDelay, or leave out orderAcross'
          >
        : unknown)
  : unknown;

type PushedAcross = Wrong<
  'orderAcross',
  "only pull consumers have it: leave it out, or the options 'deliverTo' and such"
>;

type Excludes = typeof ORDERED_EXCLUDES;

type OrderedMistakes<Given> = OrderedDurable<Given> & {
  readonly [
    Option in keyof Given & keyof Excludes as MeansNothing<Option, Given[Option]> extends true ? never : Option
  ]: Mistake<`${Excludes[Option]}: leave out either it or orderedConsumer`>;
};

/** `false`, and no acknowledgements, are what an ordered consumer does anyhow. */
type MeansNothing<Option, Value> = Value extends false
  ? true
  : Option extends 'ackPolicy'
    ? Value extends 'none' | 'None'
      ? true
      : false
    : false;

type OrderedDurable<Given> = Given extends { readonly durable: string | true }
  ? Wrong<
      'durable',
      'an ordered consumer begins anew at each start, and keeps no position: leave out either it or orderedConsumer'
    >
  : unknown;
