import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';

/**
 * Reads a message by the sequence that another message names. Returns undefined if it is gone, or
 * if the sequence has a different subject. Any client may publish such a name, and a recreated
 * stream has other messages at the same sequences.
 */
export async function storedAs(
  { streams }: Pick<JetStreamManager, 'streams'>,
  stream: string,
  sequence: number,
  subject: string,
): Promise<StoredMsg | undefined> {
  if (!Number.isSafeInteger(sequence) || sequence < 1) return undefined;
  const stored = await streams.getMessage(stream, { seq: sequence });
  return stored?.subject === subject ? stored : undefined;
}
