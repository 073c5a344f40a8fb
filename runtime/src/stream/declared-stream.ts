import type { StreamConfig } from '@nats-io/jetstream';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertDisjoint } from '../subject/disjoint-subjects';
import type { StreamDefinition } from './define-stream';
import { checkedLossyFields, type LossyStreamField } from './lossy-fields';
import { nanosecondsOf, type Nanoseconds } from './nanoseconds';
import type { StreamDeclaration } from './stream-declaration';
import { assertStreamFields } from './stream-fields';
import { deriveStreamName } from './stream-name';

/** Fields of nats.js's `StreamConfig` that are durations. */
type DurationField = 'max_age' | 'duplicate_window' | 'subject_delete_marker_ttl';

type ConsumerLimits = NonNullable<StreamConfig['consumer_limits']>;

/** nats.js's `StreamConfig`; a duration is a number of nanoseconds, as there, or a string such as `'7d'`. */
export type StreamSettings = Readonly<Partial<Omit<StreamConfig, DurationField | 'consumer_limits'>>> & {
  readonly [Field in DurationField]?: Nanoseconds;
} & { readonly consumer_limits?: Omit<ConsumerLimits, 'inactive_threshold'> & { inactive_threshold?: Nanoseconds } } & {
  /** Fields whose change may drop stored messages at the next start; without it such a change ends the start. Default: none. */
  readonly allowDataLoss?: readonly LossyStreamField[];
};

/** A stream to have. Without a name, one is derived from its subjects: the same at each start, as long as they are. */
export type DeclaredStream = StreamSettings | StreamDefinition;

/**
 * @throws InvalidOptionError (`INVALID_OPTION`) for a stream with neither name nor subjects, a field that is not known, subjects that overlap, a duration that is
 * none, and data loss by what loses none.
 */
export function toStreamDeclaration(stream: DeclaredStream): StreamDeclaration {
  if ('config' in stream) return { config: stream.config, allowDataLoss: stream.allowDataLoss };
  const { allowDataLoss, ...settings } = stream;
  assertStreamFields(settings);
  assertDisjoint('streamConfig.subjects', settings.subjects ?? []);
  return {
    config: { ...inNanoseconds(settings), name: nameOf(settings) },
    allowDataLoss: checkedLossyFields(allowDataLoss),
  };
}

function nameOf({ name, subjects = [] }: StreamSettings): string {
  if (name) return name;
  if (subjects.length > 0) return deriveStreamName(subjects);
  throw new InvalidOptionError('streamConfig.name', name, 'give the stream a name, or subjects to derive one from');
}

function inNanoseconds(stream: Omit<StreamSettings, 'allowDataLoss'>): Partial<StreamConfig> {
  const { max_age, duplicate_window, subject_delete_marker_ttl, consumer_limits, ...others } = stream;
  const durations = Object.entries({ max_age, duplicate_window, subject_delete_marker_ttl }).flatMap(
    ([field, value]) => (value === undefined ? [] : [[field, nanosecondsOf(value, `streamConfig.${field}`)] as const]),
  );
  const { inactive_threshold: idle, ...limits } = consumer_limits ?? {};
  const threshold =
    idle === undefined
      ? {}
      : { inactive_threshold: nanosecondsOf(idle, 'streamConfig.consumer_limits.inactive_threshold') };
  return {
    ...others,
    ...Object.fromEntries(durations),
    ...(consumer_limits && { consumer_limits: { ...limits, ...threshold } }),
  };
}
