import type { OpenSession } from '../session/jetstream-session';
import type { StreamRegistry } from '../stream/stream-registry';
import type { ConsumerDefinition } from './consumer-definition';

/** The stream that a consumer's messages are in; undefined while none stores its subject. */
export async function storingStream(
  { manager }: Pick<OpenSession, 'manager'>,
  streams: StreamRegistry,
  { stream, subjects: [subject = ''] }: ConsumerDefinition,
): Promise<string | undefined> {
  return stream ?? streams.covering(subject)?.name ?? (await manager.streams.names(subject).next())[0];
}
