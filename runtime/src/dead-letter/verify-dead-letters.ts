import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { storingStreams } from '../consumer/provisioning/storing-streams';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import type { OpenSession } from '../session/jetstream-session';
import type { StreamRegistry } from '../stream/stream-registry';
import { verifyStream } from '../stream/verify-stream';
import { deadLetterSubjects } from './dead-letter-stream';

/** The streams that take the handlers' dead letters, where they are not there or do not store them. Changes nothing. */
export async function verifyDeadLetterStreams(
  open: OpenSession,
  streams: StreamRegistry,
  definitions: readonly ConsumerDefinition[],
): Promise<ProvisioningMismatch[]> {
  const writing = definitions.filter(({ settings }) => settings.deadLetter === 'stream');
  const sources = await Promise.all(writing.map(async (definition) => storingStreams(open, streams, definition)));
  const wanted = [...new Set(sources.flatMap(({ names }) => names))].map(deadLetterSubjects);
  return (await Promise.all(wanted.map(async (stream) => verifyStream(open.manager, stream)))).flat();
}
