import { SchematicError } from '../errors';
import type { ParsedSubject } from '../subject/parsed-subject';
import { covers, overlap } from '../subject/subject';
import { constantCase, kebabCase } from '../naming/words';
import type { DeclaredStream } from '../project/streams';
import type { Terminal } from '../prompt/terminal';

/**
 * Returns the stream that stores a subject. If several do, asks the user for one.
 * @throws SchematicError if no stream matches, or if several match and the user cannot be asked
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
    const answer = await terminal.choose(
      `Which stream should ${subject.text} be consumed from?`,
      labels,
      labelOf(first),
    );
    return matching[labels.indexOf(answer)] ?? first;
  }
  if (first) {
    const remedy = 'Choose one with npx nest-jetstream generate --stream.';
    throw new SchematicError(
      'STREAM_AMBIGUOUS',
      `Streams ${matching.map(labelOf).join(', ')} all capture subject '${subject.text}'. ${remedy}`,
      subject.text,
    );
  }
  const known =
    streams.length === 0
      ? 'The project declares no stream'
      : `No stream captures subject '${subject.text}' (known streams are ${described(streams)})`;
  throw new SchematicError(
    'STREAM_NOT_FOUND',
    `${known}. Create one with npx nest-jetstream generate stream ${suggestion(subject.text)}.`,
    subject.text,
  );
}

/**
 * A pattern may match more than a stream captures. Its handler gets the events that the stream
 * stores.
 */
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
    const message = `Stream ${found.name ?? wanted} does not capture subject '${subject}', only ${found.subjects.join(', ')}. Add it to the stream's subjects in ${found.path}.`;
    throw new SchematicError('STREAM_NOT_FOUND', message, wanted);
  }
  return found;
}

/**
 * Finds a stream by its name on the server, its constant or the name that the user typed.
 * @throws SchematicError (`STREAM_NOT_FOUND`)
 */
export function findStream(streams: readonly DeclaredStream[], wanted: string): DeclaredStream {
  const found = streams.find(
    ({ name, constant }) => name === wanted || constant === wanted || name === constantCase(wanted),
  );
  if (found) return found;
  const known = streams.length === 0 ? 'none' : streams.map(labelOf).join(', ');
  const remedy = `Create it with npx nest-jetstream generate stream ${kebabCase(wanted) || 'orders'}`;
  const message = `Stream ${JSON.stringify(wanted)} is not declared in this project. Known streams: ${known}. ${remedy}.`;
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
