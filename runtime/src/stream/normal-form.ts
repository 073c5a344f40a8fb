import type { StreamSource } from '@nats-io/jetstream';
import { timestampNanos } from '../util/nanoseconds';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';

// A setting has several equivalent forms: it is absent, it has its default, or it is an empty
// array. These functions return one value for all of them.

/** Returns the normal form of a limit. The server treats 0 and negative numbers as "no limit". */
export function limit(value: unknown): number {
  return Number(value) > 0 ? Number(value) : Number.POSITIVE_INFINITY;
}

export function isOn(value: unknown): boolean {
  return value === true;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function sorted(list: unknown): string[] {
  return listOf(list).map(String).toSorted();
}

/** Returns metadata without the entries of the server. */
export function ownMetadata(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(objectOf(value)).filter(([key]) => !key.startsWith('_nats.')));
}

export function subjectTransform(value: unknown) {
  const { src, dest } = objectOf(value);
  return { src: src || '>', dest };
}

/** Returns the normal form of a mirror or a source. nats.js converts `domain` to `external`. */
export function streamSource(value: unknown) {
  const source = objectOf(value) as Partial<StreamSource>;
  const { api, deliver } = objectOf(source.external ?? (source.domain && { api: `$JS.${source.domain}.API` }));
  const { opt_start_time: startTime, filter_subject: filter, consumer } = source;
  return {
    name: source.name,
    start: source.opt_start_seq || 0,
    startTime: startTime ? timestampNanos(startTime) : '',
    filter: filter === '>' ? '' : filter || '',
    api: api || '',
    deliver: deliver || '',
    transforms: listOf(source.subject_transforms).map(subjectTransform),
    consumer: consumer && { name: consumer.name, deliver: consumer.deliver_subject },
  };
}

/** Adds or replaces sources. Keeps sources that only the server has. */
export function mergedSources(declared: unknown, actual: unknown): unknown[] {
  return [...listOf(actual).filter((source) => !isAmong(source, declared)), ...listOf(declared)];
}

/** Returns the sources that both sides have, regardless of their settings. */
export function sharedSources(actual: unknown, declared: unknown): unknown[] {
  return listOf(actual).filter((source) => isAmong(source, declared));
}

function isAmong(source: unknown, declared: unknown): boolean {
  return listOf(declared).some((other) => sourceKey(other) === sourceKey(source));
}

function sourceKey(value: unknown): string {
  const { name, filter, api, transforms } = streamSource(value);
  return JSON.stringify([name, filter, api, transforms]);
}

/**
 * Adds subjects, and replaces those that a declared subject covers. Keeps other subjects on the
 * server, because another version of the service or an operator may need them.
 */
export function mergedSubjects(declared: unknown, actual: unknown): string[] {
  const [ours, theirs] = [listOf(declared) as string[], listOf(actual) as string[]];
  const kept = theirs.filter((subject) => !ours.some((wider) => wider !== subject && subjectMatches(subject, wider)));
  return [...kept, ...ours.filter((subject) => !theirs.some((wider) => subjectMatches(subject, wider)))];
}

/** Returns true if subjects overlap. The server then refuses the stream. */
export function overlapThemselves(subjects: readonly string[]): boolean {
  return subjects.some((subject, at) => subjects.slice(at + 1).some((other) => patternsOverlap(subject, other)));
}
