import { terminalText } from '../command/terminal-text';
import type { CheckedStream, StoredCheck } from './check-stored';
import type { StoredProblem } from './stored-tally';

const SHOWN_SEQUENCES = 5;

/** Returns the lines about stored messages. Control characters in names are escaped. */
export function storedLines(check: StoredCheck): string[] {
  const problems = check.streams.flatMap((stream) => stream.problems);
  const lines: string[] = [];
  for (const head of new Set(problems.map(headOf)))
    lines.push(head, ...problems.filter((problem) => headOf(problem) === head).flatMap(problemLines));
  const notes = [
    ...check.streams.flatMap(notesOf),
    ...check.notStored.map((subject) => `No stream stores ${subject}.`),
  ];
  return [...lines, ...check.streams.map(readLine), ...notes.map((note) => `note: ${note}`), summary(check)].map(
    terminalText,
  );
}

/** Returns true if a stored message differs from its schema. */
export function hasBadMessage({ streams }: StoredCheck): boolean {
  return streams.some(({ bad }) => bad > 0);
}

function headOf({ subject, message }: StoredProblem): string {
  return `${subject}  ${message}`;
}

function problemLines({ stream, path, text, level, count, sequences }: StoredProblem): string[] {
  const shown = sequences.slice(0, SHOWN_SEQUENCES).join(', ');
  const more = count > SHOWN_SEQUENCES ? `, … (${counted(count)})` : '';
  return [`  ${level.padEnd(7)} ${path === '' ? '' : `${path}  `}${text}`, `          ${stream} ${shown}${more}`];
}

function readLine({ stream, messages, read, isComplete }: CheckedStream): string {
  if (messages === undefined) return `${stream} does not exist, so it stores no messages.`;
  if (isComplete) return `${stream}: ${counted(read)} read.`;
  return `${stream}: ${number(read)} of ${counted(messages)} read. To read all, add --sample all.`;
}

function notesOf({ stream, unchecked, markers, undeclared }: CheckedStream): string[] {
  const { messages, sequences } = undeclared;
  return [
    ...unchecked.map(({ subject, reason, messages: count }) =>
      reason === 'notJson'
        ? `No message of ${subject} in ${stream} is JSON (${number(count)} read). They were not checked, because a codec may decode them.`
        : `${counted(count)} of ${subject} in ${stream} ${count === 1 ? 'was' : 'were'} not checked, because its handlers receive headers only.`,
    ),
    ...(messages === 0
      ? []
      : [
          `${counted(messages)} in ${stream} of no declared event (sequence ${sequences.join(', ')}${messages > sequences.length ? ', …' : ''}).`,
        ]),
    ...(markers === 0 ? [] : [`${number(markers)} delete ${markers === 1 ? 'marker' : 'markers'} in ${stream}.`]),
  ];
}

function summary(check: StoredCheck): string {
  const bad = check.streams.reduce((sum, stream) => sum + stream.bad, 0);
  if (bad === 0) return 'No stored message differs from its event.';
  if (bad === 1) return '1 stored message differs from the event. Handlers of this version would receive it.';
  return `${number(bad)} stored messages differ from the event. Handlers of this version would receive them.`;
}

function counted(count: number): string {
  return `${number(count)} ${count === 1 ? 'message' : 'messages'}`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}
