import { SchematicError } from '../errors';
import type { ParsedSubject } from '../subject/parsed-subject';
import { covers, overlap } from '../subject/subject';
import { constantCase, kebabCase } from '../naming/words';
import type { DeclaredStream } from '../project/streams';
import type { Terminal } from '../prompt/terminal';

/**
 * The stream that stores a subject; of several, the one that the user wants.
 * @throws SchematicError when there is none, or when there are several and nobody says which.
 */
export async function chooseStream(
  streams: readonly DeclaredStream[],
  subject: ParsedSubject,
  wanted: string | undefined,
  terminal: Terminal | undefined,
): Promise<DeclaredStream> {
  const matching = streamsFor(streams, subject);
  if (wanted !== undefined) return namedStream(streams, matching, subject.text, wanted);
  const [first, ...rest] = matching;
  if (first && rest.length === 0) return first;
  if (first && terminal) {
    const labels = matching.map(labelOf);
    const answer = await terminal.choose(`Which stream is ${subject.text} handled from?`, labels, labelOf(first));
    return matching[labels.indexOf(answer)] ?? first;
  }
  if (first) {
    const remedy = 'say which with --stream of npx nest-jetstream generate.';
    throw new SchematicError(
      'STREAM_AMBIGUOUS',
      `Subject ${subject.text} is covered by streams ${matching.map(labelOf).join(', ')}: ${remedy}`,
      subject.text,
    );
  }
  const known =
    streams.length === 0
      ? 'The project declares no stream yet'
      : `No stream covers subject ${subject.text} (there are ${described(streams)})`;
  throw new SchematicError(
    'STREAM_NOT_FOUND',
    `${known}: make one with nest g jetstream-stream ${suggestion(subject.text)}.`,
    subject.text,
  );
}

/** A pattern may reach beyond a stream's subjects: its handler gets what the stream has. */
function streamsFor(streams: readonly DeclaredStream[], { kind, pattern }: ParsedSubject): DeclaredStream[] {
  const covering = streams.filter(({ subjects }) => subjects.some((subject) => covers(subject, pattern)));
  if (kind !== 'pattern' || covering.length > 0) return covering;
  return streams.filter(({ subjects }) => subjects.some((subject) => overlap(subject, pattern)));
}

function namedStream(
  streams: readonly DeclaredStream[],
  matching: readonly DeclaredStream[],
  subject: string,
  wanted: string,
): DeclaredStream {
  const found = findStream(streams, wanted);
  if (!matching.includes(found)) {
    const message = `Stream ${found.name ?? wanted} does not cover subject ${subject}: add it to its subjects in ${found.path} (there are ${found.subjects.join(', ')}).`;
    throw new SchematicError('STREAM_NOT_FOUND', message, wanted);
  }
  return found;
}

/**
 * The stream of this name, as it is on the server, in code, or as the user would say it. @throws
 * SchematicError
 */
export function findStream(streams: readonly DeclaredStream[], wanted: string): DeclaredStream {
  const found = streams.find(
    ({ name, constant }) => name === wanted || constant === wanted || name === constantCase(wanted),
  );
  if (found) return found;
  const known = streams.length === 0 ? 'none yet' : streams.map(labelOf).join(', ');
  const remedy = `make it with nest g jetstream-stream ${kebabCase(wanted) || 'orders'}`;
  const message = `stream: ${JSON.stringify(wanted)} is not declared in this project (known: ${known}): ${remedy}.`;
  throw new SchematicError('STREAM_NOT_FOUND', message, wanted);
}

function labelOf({ name, constant, path }: DeclaredStream): string {
  return name ?? constant ?? path;
}

function described(streams: readonly DeclaredStream[]): string {
  return streams.map(({ name, subjects, path }) => `${name ?? path} with ${subjects.join(', ')}`).join('; ');
}

function suggestion(subject: string): string {
  const first = subject.split('.').find((token) => /^[\p{L}\p{N}_-]+$/u.test(token)) ?? 'events';
  return /s$/i.test(first) ? first : `${first}s`;
}
