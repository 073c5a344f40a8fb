import { isDeepStrictEqual } from 'node:util';
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { requireServer } from '../connection/required-server';
import { InvalidOptionError } from '../errors/configuration.errors';
import { nearestName } from '../errors/nearest-name';
import { patternsOverlap } from '../subject/pattern-overlap';
import { LOSSY_FIELDS, STREAM_TABLE, type LossyStreamField, type StreamFieldName } from './stream-table';

/**
 * A stream in the form of nats.js's `StreamConfig`, with durations in nanoseconds. Fields that were
 * not declared are absent.
 */
export type DesiredStream = Readonly<Partial<StreamConfig>> & { readonly name: string };

/** Settings of a stream that is created. They are not compared with the server later. */
export interface NewStream {
  readonly config: Partial<StreamConfig>;
  /** `max_bytes`, if the account requires one and none is declared. */
  readonly requiredMaxBytes?: number | undefined;
}

/** A stream that this service declares. */
export interface StreamDeclaration {
  readonly config: DesiredStream;
  /** Fields that may change although the change can drop messages. */
  readonly allowDataLoss: readonly LossyStreamField[];
  /** Where it was declared, for the names in error messages. Default: `streamConfig`. */
  readonly by?: 'defineStream' | 'deadLetters' | 'streamConfig';
  /**
   * Settings that the declaration leaves open, for a stream that is created. Default: those of the
   * server.
   */
  readonly initial?: (manager: JetStreamManager) => Promise<NewStream>;
  /** Advice for a start that fails at a limit of the account. */
  readonly limitRemedy?: string;
}

/** Fields that the declaration sets to a value of its own. */
export function declaredFields(config: DesiredStream): StreamFieldName[] {
  const fields = Object.keys(config) as StreamFieldName[];
  return fields.filter((field) => config[field] !== undefined && !STREAM_TABLE[field].isServerChoice?.(config[field]));
}

/** Name of a field in the declaration: an option of `defineStream`, or the field itself. */
export function nameIn(by: StreamDeclaration['by'], field: StreamFieldName): string {
  return (by === undefined || by === 'streamConfig' ? undefined : STREAM_TABLE[field].option) ?? field;
}

/** True if both declarations ask the server for the same stream. */
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
 * Fields that may be lost, from `allowDataLoss` of a declaration.
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

/**
 * @throws InvalidOptionError (`INVALID_OPTION`), because the server refuses a stream whose subjects
 * overlap
 */
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
