import type { SchematicContext } from '../context';
import { SchematicError } from '../errors';
import type { ParsedSubject } from '../subject/parsed-subject';
import { covers, overlap } from '../subject/subject';
import { constantCase, kebabCase } from '../naming/words';
import { findStreams, type DeclaredStream } from '../project/streams';
import { notCaptured, provideMissingStream, type StreamChoice } from './missing-stream';

/**
 * Returns the stream that stores a subject. If several do, asks the user for one. If none does,
 * creates it if the user agrees.
 * @throws SchematicError if no stream matches, or if several match and the user cannot be asked
 */
export async function chooseStream(
  context: SchematicContext,
  subject: ParsedSubject,
  choice: StreamChoice,
): Promise<DeclaredStream> {
  const { terminal } = context;
  const streams = findStreams(context.tree, context.project);
  const matching = streamsFor(streams, subject);
  const { stream: wanted, createStream } = choice;
  if (wanted !== undefined) {
    const isNew = createStream === true && !streams.some((each) => isNamed(each, wanted));
    if (isNew) return provideMissingStream(context, streams, subject, choice);
    return namedStream(streams, matching, subject, wanted);
  }
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
  return provideMissingStream(context, streams, subject, choice);
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
  subject: ParsedSubject,
  wanted: string,
): DeclaredStream {
  const found = findStream(streams, wanted);
  if (!matching.includes(found)) throw notCaptured(found, subject);
  return found;
}

/**
 * Finds a stream by its name on the server, its constant or the name that the user typed.
 * @throws SchematicError (`STREAM_NOT_FOUND`)
 */
export function findStream(streams: readonly DeclaredStream[], wanted: string): DeclaredStream {
  const found = streams.find((stream) => isNamed(stream, wanted));
  if (found) return found;
  const known = streams.length === 0 ? 'none' : streams.map(labelOf).join(', ');
  const remedy = `Create it with npx nest-jetstream generate stream ${kebabCase(wanted) || 'orders'}`;
  const message = `Stream ${JSON.stringify(wanted)} is not declared in this project. Known streams: ${known}. ${remedy}.`;
  throw new SchematicError('STREAM_NOT_FOUND', message, wanted);
}

function isNamed({ name, constant }: DeclaredStream, wanted: string): boolean {
  return name === wanted || constant === wanted || name === constantCase(wanted);
}

function labelOf({ name, constant, path }: DeclaredStream): string {
  return name ?? constant ?? path;
}
