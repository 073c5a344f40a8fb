import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { MILLIS_PER_UNIT, NANOS_PER_MILLI } from '../errors/duration-text';
import { findStream } from './find-stream';
import type { NewStream, StreamDeclaration } from './stream-config';
import type { LossyStreamField } from './stream-table';

const KEPT_DAYS = 30;
/** Default maximum age of messages in streams of this package. */
export const DEFAULT_MAX_AGE_NANOS = KEPT_DAYS * MILLIS_PER_UNIT.d * NANOS_PER_MILLI;

/** Returns the name of the dead letter stream of a stream. */
export function deadLetterStreamName(stream: string): string {
  return `${stream}_DEAD`;
}

/**
 * Returns the declaration of a dead letter stream. Only its subjects and the given settings are
 * compared with the server, because an operator may change the rest.
 * @param settings from `deadLetters` of the stream
 * @param source declaration of the stream, for one that is not created yet
 */
export function deadLetterDeclaration(
  stream: string,
  settings: Partial<StreamConfig> = {},
  allowDataLoss: readonly LossyStreamField[] = [],
  source: Partial<StreamConfig> = {},
): StreamDeclaration {
  return {
    config: { ...settings, name: deadLetterStreamName(stream), subjects: [`dead.${stream}.>`] },
    allowDataLoss,
    by: 'deadLetters',
    initial: async (manager) => asSource(manager, stream, source),
    limitRemedy:
      `It stores the dead letters of stream '${stream}'. Set its limits with ` +
      `defineStream({ name: '${stream}', deadLetters: { maxBytes, storage, replicas } }), or raise the limits of the account. ` +
      `It is not needed if all handlers have deadLetter 'off' or a function.`,
  };
}

/** Returns settings for a new dead letter stream, which is placed like its stream. */
async function asSource(
  manager: JetStreamManager,
  stream: string,
  declared: Partial<StreamConfig>,
): Promise<NewStream> {
  // The stream may be deleted while handlers still process its last messages.
  const { num_replicas = 1, storage, placement, max_bytes } = (await findStream(manager, stream))?.config ?? declared;
  return {
    config: {
      description: `Dead letters of stream ${stream}`,
      max_age: DEFAULT_MAX_AGE_NANOS,
      num_replicas,
      ...(storage && { storage }),
      ...(placement && { placement }),
    },
    requiredMaxBytes: max_bytes,
  };
}
