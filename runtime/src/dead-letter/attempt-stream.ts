import { DiscardPolicy, StorageType } from '@nats-io/jetstream';
import { DEFAULT_MAX_AGE_NANOS } from '../stream/dead-letter-stream';
import type { DesiredStream, StreamDeclaration } from '../stream/stream-config';

/**
 * Size for about 50,000 records on an account that requires a limit. At the limit, the oldest
 * messages get additional attempts.
 */
const REQUIRED_MAX_BYTES = 16 * 1024 * 1024;

/** The required part of the stream. An operator may change the rest. */
export const ATTEMPT_STREAM = {
  name: 'JETSTREAM_ATTEMPTS',
  subjects: ['jetstream-attempts.>'],
} as const satisfies DesiredStream;

/** Returns the declaration of the attempt stream, with the replicas of the consumed streams. */
export function attemptStream(replicas: number): StreamDeclaration {
  return {
    config: ATTEMPT_STREAM,
    allowDataLoss: [],
    initial: async () => ({
      config: {
        description: 'Attempts of messages that were returned without a run, or whose final attempt began',
        storage: StorageType.File,
        discard: DiscardPolicy.Old,
        max_msgs_per_subject: 1,
        max_age: DEFAULT_MAX_AGE_NANOS,
        num_replicas: replicas,
      },
      requiredMaxBytes: REQUIRED_MAX_BYTES,
    }),
    limitRemedy:
      `It counts the attempts of messages for all services of the account. Set its limits with ` +
      `defineStream({ name: '${ATTEMPT_STREAM.name}', subjects: ['${ATTEMPT_STREAM.subjects[0]}'], maxBytes, storage }), ` +
      `or raise the limits of the account. It is not needed if all handlers have maxDeliver -1.`,
  };
}
