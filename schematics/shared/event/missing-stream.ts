import type { SchematicContext } from '../context';
import { invalidOption, SchematicError } from '../errors';
import { findStreams, type DeclaredStream } from '../project/streams';
import { createStream } from '../stream/create-stream';
import { withExistingStream } from '../stream/existing-stream';
import { refuseConflicts } from '../stream/stream-conflicts';
import { planStream, type StreamPlan } from '../stream/stream-plan';
import type { ParsedSubject } from '../subject/parsed-subject';
import type { EventSchematicOptions } from './options';

/** Options that choose the stream of an event. */
export type StreamChoice = Pick<EventSchematicOptions, 'stream' | 'createStream' | 'skipImport'>;

/**
 * Creates a stream for a subject that no stream captures. Asks for permission, unless
 * `createStream` gives it.
 * @throws SchematicError (`STREAM_NOT_FOUND`) without permission
 */
export async function provideMissingStream(
  context: SchematicContext,
  streams: readonly DeclaredStream[],
  subject: ParsedSubject,
  choice: StreamChoice,
): Promise<DeclaredStream> {
  const { tree, project, terminal } = context;
  if (subject.kind === 'pattern') {
    if (choice.createStream !== true) throw missing(streams, subject);
    const remedy = 'Generate one event of the stream first, with npx nest-jetstream generate event --create-stream.';
    throw invalidOption('createStream', true, `cannot be combined with the pattern ${subject.text}. ${remedy}`);
  }
  const plan = planMissing(context, subject, choice);
  const namesake = streams.find(({ name }) => name === plan.stream);
  if (namesake) throw notCaptured(namesake, subject);
  if (choice.createStream !== true) {
    if (!terminal) throw missing(streams, subject);
    refuseConflicts(tree, project, plan);
    const question = `No stream captures ${subject.text}. Create stream ${plan.stream} with ${plan.subjects.join(', ')}?`;
    const answer = await terminal.choose(question, ['yes', 'no'], 'yes');
    if (answer === 'no') throw missing(streams, subject);
  }
  createStream(context, plan);
  const created = findStreams(tree, project).find(({ name }) => name === plan.stream);
  if (!created) throw missing(streams, subject);
  return created;
}

function planMissing({ tree, project }: SchematicContext, subject: ParsedSubject, choice: StreamChoice): StreamPlan {
  const { stream = suggestedName(subject.text), skipImport } = choice;
  const options = { name: stream, subjects: [widened(subject.pattern)], ...(skipImport ? { skipImport } : {}) };
  return withExistingStream(tree, project, planStream(project, options));
}

/**
 * Returns the subject of a stream for an event and its siblings: `order.>` for `order.created`, and
 * `*.order.>` for `*.order.created`.
 */
function widened(pattern: string): string {
  const tokens = pattern.split('.');
  const fixed = tokens.findIndex((token) => token !== '*') + 1;
  return fixed === tokens.length ? pattern : [...tokens.slice(0, fixed), '>'].join('.');
}

/** Returns `orders` for `order.created`. */
function suggestedName(subject: string): string {
  const first = subject.split('.').find((token) => /^[\p{L}\p{N}_-]+$/u.test(token)) ?? 'events';
  return /s$/i.test(first) ? first : `${first}s`;
}

/** Returns the error for a stream that exists but has other subjects. */
export function notCaptured({ name, path, subjects }: DeclaredStream, { text }: ParsedSubject): SchematicError {
  const message = `Stream ${name ?? path} does not capture subject '${text}', only ${subjects.join(', ')}. Add it to the stream's subjects in ${path}.`;
  return new SchematicError('STREAM_NOT_FOUND', message, text);
}

function missing(streams: readonly DeclaredStream[], { kind, text }: ParsedSubject): SchematicError {
  const known =
    streams.length === 0
      ? 'The project declares no stream'
      : `No stream captures subject '${text}' (known streams are ${described(streams)})`;
  const command = `npx nest-jetstream generate stream ${suggestedName(text)}`;
  const remedy = kind === 'pattern' ? command : `${command}, or pass --create-stream`;
  return new SchematicError('STREAM_NOT_FOUND', `${known}. Create one with ${remedy}.`, text);
}

function described(streams: readonly DeclaredStream[]): string {
  return streams.map(({ name, subjects, path }) => `${name ?? path} with ${subjects.join(', ')}`).join('; ');
}
