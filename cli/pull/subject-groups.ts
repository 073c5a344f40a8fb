import { covers } from '../../schematics/shared/subject/subject';
import { isIdentifierToken } from './identifiers';

/** Subjects that store the same event. */
export interface SubjectGroup {
  /** Pattern of the subjects, such as `order.*.created`. */
  readonly pattern: string;
  /** Template that the user or the project names, such as `order.:region.created`. */
  readonly template: string | undefined;
  /** Number of stored messages. Undefined if only a part of the subjects is known. */
  readonly messages: number | undefined;
}

/** Stored subjects with the number of their messages. */
export type StoredSubjects = ReadonlyMap<string, number | undefined>;

type Tokens = readonly string[];

/** More words at one position are values, such as regions. */
const MAX_WORDS = 8;
/** The first token names a domain, and the last one an event, so there are more of them. */
const MAX_NAMES = 30;
const MOSTLY = 0.8;

/**
 * Groups the stored subjects by event. Ids and other tokens with many values are captured.
 * @param given subjects and templates of known events, such as those of the project
 */
export function groupSubjects(stored: StoredSubjects, given: readonly string[]): SubjectGroup[] {
  const known = given
    .map((template) => ({ template, pattern: patternOf(template) }))
    .toSorted((a, b) => captures(a.pattern) - captures(b.pattern));
  const groups = new Map<string, SubjectGroup>();
  const others = new Map<number, Tokens[]>();
  const add = (subject: string, pattern: string, template?: string): void => {
    const { messages = 0 } = groups.get(pattern) ?? {};
    const count = stored.get(subject);
    groups.set(pattern, { pattern, template, messages: count === undefined ? undefined : messages + count });
  };
  for (const subject of stored.keys()) {
    const group = known.find(({ pattern }) => covers(pattern, subject));
    const tokens = subject.split('.');
    if (group) add(subject, group.pattern, group.template);
    else if (others.get(tokens.length)?.push(tokens) === undefined) others.set(tokens.length, [tokens]);
  }
  for (const subjects of others.values())
    for (const { pattern, members } of patternsOf(subjects, 0))
      for (const tokens of members) add(tokens.join('.'), pattern.join('.'));
  return [...groups.values()].toSorted((a, b) => compare(a.pattern, b.pattern));
}

/** Returns `order.*.created` for `order.:region.created`. */
export function patternOf(template: string): string {
  return template.replace(/(^|\.):[^.]+/g, '$1*');
}

function captures(pattern: string): number {
  return pattern.split('.').filter((token) => token === '*').length;
}

interface TokenGroup {
  readonly pattern: Tokens;
  readonly members: readonly Tokens[];
}

/** Groups subjects with the same number of tokens, from a position on. */
function patternsOf(subjects: readonly Tokens[], at: number): TokenGroup[] {
  const length = subjects[0]?.length ?? 0;
  if (at === length) return [{ pattern: [], members: subjects }];
  const byToken = new Map<string, Tokens[]>();
  for (const tokens of subjects) {
    const token = tokens[at] ?? '';
    if (byToken.get(token)?.push(tokens) === undefined) byToken.set(token, [tokens]);
  }
  const ids = [...byToken.keys()].filter(isIdentifierToken);
  const most = at === 0 || at === length - 1 ? MAX_NAMES : MAX_WORDS;
  const isCaptured = ids.length / byToken.size > MOSTLY || byToken.size - ids.length > most;
  const captured = isCaptured ? subjects : ids.flatMap((id) => byToken.get(id) ?? []);
  if (isCaptured) byToken.clear();
  for (const id of ids) byToken.delete(id);
  const branches = [...(captured.length > 0 ? [['*', captured] as const] : []), ...byToken];
  return branches.flatMap(([token, members]) =>
    patternsOf(members, at + 1).map((group) => ({ pattern: [token, ...group.pattern], members: group.members })),
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
