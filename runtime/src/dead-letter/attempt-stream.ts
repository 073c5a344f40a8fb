import { Logger } from '@nestjs/common';
import { DiscardPolicy, StorageType, type JetStreamManager } from '@nats-io/jetstream';
import { MILLIS_PER_UNIT, NANOS_PER_MILLI } from '../errors/duration-text';
import { provisionStream } from '../stream/provision-stream';
import type { DesiredStream } from '../stream/stream-config';
import { raiseReplicas } from './raise-replicas';

const NANOS_PER_DAY = MILLIS_PER_UNIT.d * NANOS_PER_MILLI;
const KEPT_DAYS = 30;
const logger = new Logger('NatsJetStreamAttempts');

/** The required part of the stream. An operator may change the rest. */
export const ATTEMPT_STREAM = {
  name: 'JETSTREAM_ATTEMPTS',
  subjects: ['jetstream-attempts.>'],
} as const satisfies DesiredStream;

/**
 * Creates the stream of attempt records, or raises its replicas to those of the streams that it
 * serves.
 * @param mayRaise false if the application declares this stream itself
 */
export async function prepareAttemptStream(
  manager: JetStreamManager,
  replicas: number,
  mayRaise: boolean,
): Promise<void> {
  const exists = await raiseReplicas(manager, ATTEMPT_STREAM.name, mayRaise ? replicas : 0, logger);
  const created: DesiredStream = {
    ...ATTEMPT_STREAM,
    description: 'Attempts of messages that were handed back, or whose final attempt began',
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: 1,
    max_age: KEPT_DAYS * NANOS_PER_DAY,
    num_replicas: replicas,
  };
  await provisionStream(manager, { config: exists ? ATTEMPT_STREAM : created, allowDataLoss: [] });
}
