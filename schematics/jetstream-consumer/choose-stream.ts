import { SchematicError } from '../errors';
import { covers } from '../names/subject';
import { constantCase } from '../names/words';
import type { DeclaredStream } from '../project/streams';

/** The stream that stores `subject`. @throws SchematicError when there is none, or more than one. */
export function chooseStream(
  streams: readonly DeclaredStream[],
  subject: string,
  wanted: string | undefined,
): DeclaredStream {
  const matching = streams.filter(({ subjects }) => subjects.some((pattern) => covers(pattern, subject)));
  if (wanted !== undefined) return namedStream(streams, matching, subject, wanted);
  const [first, ...rest] = matching;
  if (first && rest.length === 0) return first;
  if (first) {
    const remedy = 'say which with npx nest-jetstream generate consumer --stream.';
    throw new SchematicError(
      'STREAM_AMBIGUOUS',
      `Subject ${subject} is covered by streams ${listed(matching)}: ${remedy}`,
      subject,
    );
  }
  const known =
    streams.length === 0
      ? 'The project declares no stream yet'
      : `No stream covers subject ${subject} (there are ${described(streams)})`;
  throw new SchematicError(
    'STREAM_NOT_FOUND',
    `${known}: make one with nest g jetstream-stream ${suggestion(subject)}.`,
    subject,
  );
}

function namedStream(
  streams: readonly DeclaredStream[],
  matching: readonly DeclaredStream[],
  subject: string,
  wanted: string,
): DeclaredStream {
  const found = streams.find(
    ({ name, constant }) => name === wanted || constant === wanted || name === constantCase(wanted),
  );
  if (!found) {
    const known = streams.length === 0 ? 'none yet' : listed(streams);
    throw new SchematicError(
      'STREAM_NOT_FOUND',
      `stream: ${JSON.stringify(wanted)} is not declared in this project (known: ${known}).`,
      wanted,
    );
  }
  if (!matching.includes(found)) {
    const message = `Stream ${found.name ?? wanted} does not cover subject ${subject}: add it to its subjects in ${found.path} (there are ${found.subjects.join(', ')}).`;
    throw new SchematicError('STREAM_NOT_FOUND', message, wanted);
  }
  return found;
}

function listed(streams: readonly DeclaredStream[]): string {
  return streams.map(({ name, constant, path }) => name ?? constant ?? path).join(', ');
}

function described(streams: readonly DeclaredStream[]): string {
  return streams.map(({ name, subjects, path }) => `${name ?? path} with ${subjects.join(', ')}`).join('; ');
}

function suggestion(subject: string): string {
  const [first = subject] = subject.split('.');
  return /s$/i.test(first) ? first : `${first}s`;
}
