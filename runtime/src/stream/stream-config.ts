import { isDeepStrictEqual } from 'node:util';
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { requireServer } from '../connection/required-server';
import { InvalidOptionError } from '../errors/configuration.errors';
import { nearestName } from '../errors/nearest-name';
import { patternsOverlap } from '../subject/pattern-overlap';
import { LOSSY_FIELDS, STREAM_TABLE, type LossyStreamField, type StreamFieldName } from './stream-table';

/** Declared fields of a stream as nats.js's `StreamConfig`, with durations in nanoseconds. */
export type DesiredStream = Readonly<Partial<StreamConfig>> & { readonly name: string };

/** Settings of a new stream. They are not compared with the server later. */
export interface NewStream {
  readonly config: Partial<StreamConfig>;
  /** `max_bytes`, if the account requires it and it is not declared. */
  readonly requiredMaxBytes?: number | undefined;
}

/** A stream that this service declares. */
export interface StreamDeclaration {
  readonly config: DesiredStream;
  /** Fields that may change even if messages are dropped. */
  readonly allowDataLoss: readonly LossyStreamField[];
  /** Subjects and patterns of the declared events, for telemetry. Default: none. */
  readonly events?: readonly string[];
  /** API that declared it, for the names in error messages. Default: `streamConfig`. */
  readonly by?: 'defineStream' | 'deadLetters' | 'streamConfig';
  /** Returns undeclared settings for a new stream. Default: those of the server. */
  readonly initial?: (manager: JetStreamManager) => Promise<NewStream>;
  /** Remedy if startup fails because of a limit of the account. */
  readonly limitRemedy?: string;
}

/** Returns the fields with a declared value. */
export function declaredFields(config: DesiredStream): StreamFieldName[] {
  const fields = Object.keys(config) as StreamFieldName[];
  return fields.filter((field) => config[field] !== undefined && !STREAM_TABLE[field].isServerChoice?.(config[field]));
}

/** Returns the declared name of a field: an option of `defineStream`, or the field itself. */
export function nameIn(by: StreamDeclaration['by'], field: StreamFieldName): string {
  return (by === undefined || by === 'streamConfig' ? undefined : STREAM_TABLE[field].option) ?? field;
}

/** Returns true if both declarations describe the same stream. */
export function isSameDeclaration(one: StreamDeclaration, other: StreamDeclaration): boolean {
  return isDeepStrictEqual(normalDeclaration(one), normalDeclaration(other));
}

function normalDeclaration({ config, allowDataLoss }: StreamDeclaration) {
  const fields = declaredFields(config).map(
    (field) => [field, STREAM_TABLE[field].normal(config[field], config)] as const,
  );
  return { fields: Object.fromEntries(fields), allowDataLoss: new Set(allowDataLoss) };
}

/**
 * Returns the fields of `allowDataLoss`.
 * @throws InvalidOptionError (`INVALID_OPTION`) for a field whose change drops no messages
 */
export function lossyFields(
  names: readonly string[] = [],
  by: NonNullable<StreamDeclaration['by']>,
): readonly LossyStreamField[] {
  const fields =
    by === 'streamConfig'
      ? Object.values(LOSSY_FIELDS).map((field) => [field, field] as const)
      : Object.entries(LOSSY_FIELDS);
  const known: ReadonlyMap<string, LossyStreamField> = new Map(fields);
  return names.map((name) => {
    const field = known.get(name);
    if (field) return field;
    const meant = nearestName(name, [...known.keys()]);
    const suggestion = meant === undefined ? '' : ` Did you mean '${meant}'?`;
    const message = `'allowDataLoss' cannot contain '${name}'.${suggestion} Allowed names: ${[...known.keys()].join(', ')}.`;
    throw new InvalidOptionError('allowDataLoss', name, 'remove it', message);
  });
}

/** @throws InvalidOptionError (`INVALID_OPTION`) if subjects overlap, which the server refuses */
export function assertDisjointSubjects(stream: string, subjects: readonly string[]): void {
  for (const [at, subject] of subjects.entries()) {
    const other = subjects.slice(at + 1).find((later) => patternsOverlap(subject, later));
    if (other === undefined) continue;
    const message = `Subjects '${subject}' and '${other}' of stream '${stream}' overlap. Remove or narrow one of them.`;
    throw new InvalidOptionError('subjects', subjects, 'remove or narrow one of them', message);
  }
}

/**
 * @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`) if an older server would ignore a
 * field of the stream
 */
export function requireStreamFeatures(config: DesiredStream, version: string): void {
  for (const field of declaredFields(config)) {
    const { since, normal } = STREAM_TABLE[field];
    if (since === undefined || normal(config[field], config) === normal(undefined, {})) continue;
    requireServer(`give stream '${config.name}' its ${field}`, version, since);
  }
}
