import type { StreamConfig } from '@nats-io/jetstream';
import type { AnySubject } from '../subject/event-subject';
import { derivedName } from '../util/derived-name';
import { nanosecondsOf, type Nanoseconds } from '../util/nanoseconds';
import { InvalidOptionError } from '../errors/configuration.errors';
import { isOptionsObject, typeOf } from '../errors/options-object';
import type { StreamDefinition } from './define-stream';
import { assertDisjointSubjects, lossyFields, type StreamDeclaration } from './stream-config';
import { STREAM_FIELDS, STREAM_TABLE, type KnownFields, type LossyStreamField } from './stream-table';

/** Fields of nats.js's `StreamConfig` that are durations. */
type DurationField = 'max_age' | 'duplicate_window' | 'subject_delete_marker_ttl';

type ConsumerLimits = NonNullable<StreamConfig['consumer_limits']>;

/**
 * nats.js's `StreamConfig`. A duration is a number of nanoseconds, as in nats.js, or a string such
 * as `'7d'`.
 */
export type StreamSettings = Readonly<Partial<Omit<StreamConfig, DurationField | 'consumer_limits'>>> & {
  readonly [Field in DurationField]?: Nanoseconds;
} & { readonly consumer_limits?: Omit<ConsumerLimits, 'inactive_threshold'> & { inactive_threshold?: Nanoseconds } } & {
  /** Fields that may change at the next startup even if messages are dropped. Default: none. */
  readonly allowDataLoss?: readonly LossyStreamField[];
};

/** A stream to create. Its default name is derived from its subjects. */
export type DeclaredStream = StreamSettings | StreamDefinition;

const KNOWN: KnownFields = {
  ...Object.fromEntries(STREAM_FIELDS.map((field) => [field, STREAM_TABLE[field].fields ?? true])),
  allowDataLoss: true,
};

/**
 * Returns the declaration of a stream, and of its dead letters if it has one.
 * @throws InvalidOptionError (`INVALID_OPTION`) for a stream without name and subjects, an unknown
 * field at any depth, subjects that overlap, an invalid duration, and a field in `allowDataLoss`
 * whose change drops no messages
 */
export function toStreamDeclarations(stream: DeclaredStream): StreamDeclaration[] {
  if (!isOptionsObject(stream))
    throw InvalidOptionError.of(
      `A declared stream is ${typeOf(stream)}. Pass a result of defineStream() or a stream configuration. ` +
        'An undefined stream is often caused by a circular import.',
    );
  if ('config' in stream) {
    const { config, allowDataLoss, deadLetters } = stream;
    const events = Object.values<AnySubject>(stream.events).map((event) =>
      typeof event === 'string' ? event : event.pattern,
    );
    return [{ config, allowDataLoss, events, by: 'defineStream' }, ...(deadLetters ? [deadLetters] : [])];
  }
  assertKnown(stream, KNOWN, 'streamConfig');
  const { allowDataLoss, ...settings } = withoutUndefined(stream) as StreamSettings;
  const name = nameOf(settings);
  assertDisjointSubjects(name, settings.subjects ?? []);
  const config = { ...inNanoseconds(settings), name };
  return [{ config, allowDataLoss: lossyFields(allowDataLoss, 'streamConfig'), by: 'streamConfig' }];
}

/** Refuses unknown fields. Older servers ignore them, and newer servers refuse the stream. */
function assertKnown(value: unknown, known: KnownFields, path: string): void {
  if (Array.isArray(value)) return value.forEach((item) => assertKnown(item, known, path));
  if (typeof value !== 'object' || value === null) return;
  for (const [field, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const fields = Object.hasOwn(known, field) ? known[field] : undefined;
    if (fields === undefined) throw unknownField(`${path}.${field}`, inner, known);
    if (fields !== true) assertKnown(inner, fields, `${path}.${field}`);
  }
}

function unknownField(path: string, value: unknown, known: KnownFields): InvalidOptionError {
  if (path === 'streamConfig.template_owner') {
    const message =
      "Unknown option 'streamConfig.template_owner'. nats-server no longer supports stream templates. Remove the option.";
    return new InvalidOptionError(path, value, 'remove it', message);
  }
  const field = path.slice(path.lastIndexOf('.') + 1);
  return InvalidOptionError.unknown(path, value, Object.keys(known), known === KNOWN ? { alias: fieldOf(field) } : {});
}

/** Returns the field for an option of `defineStream`, which users confuse with `streamConfig`. */
function fieldOf(option: string): string | undefined {
  return STREAM_FIELDS.find((field) => STREAM_TABLE[field].option === option);
}

/** Returns a copy without undefined values at any depth. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutUndefined(inner)]));
}

function nameOf({ name, subjects = [] }: StreamSettings): string {
  if (name) return name;
  // Valid on the server, and independent of the order of the subjects.
  if (subjects.length > 0) return derivedName(...subjects.toSorted());
  throw new InvalidOptionError('streamConfig.name', name, 'set a name, or subjects to derive it from');
}

function inNanoseconds(settings: Omit<StreamSettings, 'allowDataLoss'>): Partial<StreamConfig> {
  const { consumer_limits: limits } = settings;
  const durations = STREAM_FIELDS.flatMap((field) => {
    const value = settings[field];
    if (!STREAM_TABLE[field].isDuration || value === undefined) return [];
    return [[field, nanosecondsOf(value as Nanoseconds, `streamConfig.${field}`)] as const];
  });
  return {
    ...(settings as Partial<StreamConfig>),
    ...Object.fromEntries(durations),
    ...(limits && { consumer_limits: limitsInNanoseconds(limits) }),
  };
}

function limitsInNanoseconds({ inactive_threshold: idle, ...limits }: NonNullable<StreamSettings['consumer_limits']>) {
  if (idle === undefined) return limits;
  return { ...limits, inactive_threshold: nanosecondsOf(idle, 'streamConfig.consumer_limits.inactive_threshold') };
}
