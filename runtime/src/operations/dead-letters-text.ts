import type { DeadLetterEntry } from '../dead-letter/dead-letter-entry';
import type { DeadLetterChange } from './dead-letter-change';
import type { DeadLetterGroup } from './group-dead-letters';
import type { DeadLetterList } from './list-dead-letters';
import type { DeadLettersPurged } from './purge-dead-letters';
import type { DeadLetterFailure, DeadLettersRedriven } from './redrive-dead-letters';
import { terminalText } from './terminal-text';
import { ageText, countText, textTable, type Column } from './text-table';

const SHOWN_REASON = 100;
const SHOWN_FAILURES = 20;

/** Returns dead letters as lines for people: a table of groups, and one of dead letters. */
export function deadLettersText(list: DeadLetterList, nowMs = Date.now()): string[] {
  const { streams, count, groups, letters, hasMore } = list;
  const where = streams.length === 0 ? '' : ` of ${streams.map(terminalText).join(', ')}`;
  if (count === 0) return [`No dead letters${where}.`];
  const hasStreams = streams.length > 1;
  return [
    `${lettersText(count)}${where}`,
    '',
    ...groupTable(groups, nowMs),
    ...(letters.length === 0 ? [] : ['', ...textTable(letterColumns(nowMs, hasStreams), letters)]),
    ...(letters.length > 0 && hasMore ? ['', 'There are more. Use --limit to show them.'] : []),
  ];
}

/** Returns the result of a redrive as lines for people. */
export function redriveText(result: DeadLettersRedriven, nowMs = Date.now()): string[] {
  const { to, redriven, failures } = result;
  const receivers = to === 'subject' ? 'to all consumers of their subjects' : 'to their consumers';
  if (isEmpty(result)) return [noneText(result)];
  if (result.isDryRun) return dryRunText(result, `would be redriven ${receivers}`, nowMs);
  return [
    `${lettersText(redriven)} of ${terminalText(result.stream)} ${wereText(redriven)} redriven ${receivers}.`,
    ...incompleteText(result, redriven + failures.length),
    ...failuresText(failures),
  ];
}

/** Returns the result of a purge as lines for people. */
export function purgeText(result: DeadLettersPurged, nowMs = Date.now()): string[] {
  const { purged } = result;
  if (isEmpty(result)) return [noneText(result)];
  if (result.isDryRun) return dryRunText(result, 'would be removed', nowMs);
  return [
    `${lettersText(purged)} of ${terminalText(result.stream)} ${wereText(purged)} removed.`,
    ...incompleteText(result, purged),
  ];
}

function isEmpty({ selection }: DeadLetterChange): boolean {
  return selection.deadLetterSequences.length === 0;
}

function noneText({ stream }: DeadLetterChange): string {
  return `No dead letters of ${terminalText(stream)} match.`;
}

function dryRunText({ stream, selection, groups }: DeadLetterChange, what: string, nowMs: number): string[] {
  const { length: count } = selection.deadLetterSequences;
  return [`${lettersText(count)} of ${terminalText(stream)} ${what}.`, '', ...groupTable(groups, nowMs)];
}

function incompleteText({ isComplete, selection }: DeadLetterChange, done: number): string[] {
  const left = selection.deadLetterSequences.length - done;
  return isComplete
    ? []
    : [`Stopped early. ${lettersText(left)} ${left === 1 ? 'is' : 'are'} left. Repeat the command.`];
}

function failuresText(failures: readonly DeadLetterFailure[]): string[] {
  if (failures.length === 0) return [];
  const lines = failures
    .slice(0, SHOWN_FAILURES)
    .map(
      ({ durable, sequence, code, message }) =>
        `  ${terminalText(durable)} ${sequence}: ${code}. ${terminalText(message)}`,
    );
  const { length: count } = failures;
  const more = count > SHOWN_FAILURES ? [`  and ${countText(count - SHOWN_FAILURES)} more`] : [];
  return ['', `${lettersText(count)} ${count === 1 ? 'is' : 'are'} kept:`, ...lines, ...more];
}

function groupTable(groups: readonly DeadLetterGroup[], nowMs: number): string[] {
  const hasStreams = new Set(groups.map(({ stream }) => stream)).size > 1;
  const columns: Column<DeadLetterGroup>[] = [
    { title: 'count', align: 'right', cell: ({ count }) => countText(count) },
    ...(hasStreams ? [{ title: 'stream', cell: ({ stream }: DeadLetterGroup) => terminalText(stream) }] : []),
    { title: 'durable', cell: ({ durable }) => terminalText(durable) },
    { title: 'oldest', align: 'right', cell: ({ oldest }) => since(oldest, nowMs) },
    { title: 'newest', align: 'right', cell: ({ newest }) => since(newest, nowMs) },
    { title: 'reason', cell: ({ reason }) => reasonText(reason) },
  ];
  return textTable(columns, groups);
}

function letterColumns(nowMs: number, hasStreams: boolean): Column<DeadLetterEntry>[] {
  return [
    ...(hasStreams ? [{ title: 'stream', cell: ({ stream }: DeadLetterEntry) => terminalText(stream) }] : []),
    { title: 'durable', cell: ({ durable }) => terminalText(durable) },
    { title: 'sequence', align: 'right', cell: ({ sequence }) => String(sequence) },
    { title: 'age', align: 'right', cell: ({ deadLetteredAt }) => since(deadLetteredAt, nowMs) },
    { title: 'attempts', align: 'right', cell: ({ attempts }) => countText(attempts) },
    { title: 'redrives', align: 'right', cell: ({ redrives }) => countText(redrives) },
    { title: 'subject', cell: ({ subject }) => terminalText(subject) },
    { title: 'reason', cell: ({ reason }) => reasonText(reason) },
  ];
}

function since(time: string, nowMs: number): string {
  return ageText(Math.max(0, nowMs - Date.parse(time)) / 1_000);
}

function reasonText(reason: string): string {
  const text = terminalText(reason === '' ? '(no reason)' : reason);
  return text.length > SHOWN_REASON ? `${text.slice(0, SHOWN_REASON)}…` : text;
}

function lettersText(count: number): string {
  return count === 1 ? '1 dead letter' : `${countText(count)} dead letters`;
}

function wereText(count: number): string {
  return count === 1 ? 'was' : 'were';
}
