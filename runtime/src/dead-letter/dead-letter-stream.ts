import { Logger } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { MILLIS_PER_UNIT, NANOS_PER_MILLI } from '../errors/duration-text';
import { findStream } from '../stream/find-stream';
import { provisionStream } from '../stream/provision-stream';
import type { DesiredStream } from '../stream/stream-config';
import { deadLetterStreamName } from './dead-letter';
import { raiseReplicas } from './raise-replicas';

const NANOS_PER_DAY = MILLIS_PER_UNIT.d * NANOS_PER_MILLI;
const KEPT_DAYS = 30;
const logger = new Logger('NatsJetStreamDeadLetters');

/**
 * Creates the stream of another's dead letters: kept for 30 days, with as many replicas as the
 * stream itself. An existing one keeps the limits that an operator gave it, and gets more replicas
 * if the stream has more.
 * @param mayRaise false if the application declares the stream of dead letters itself
 */
export async function prepareDeadLetterStream(
  manager: JetStreamManager,
  stream: string,
  mayRaise: boolean,
): Promise<void> {
  const name = deadLetterStreamName(stream);
  // The stream may be gone while its last messages are still with a handler.
  const replicas = (await findStream(manager, stream))?.config.num_replicas ?? 1;
  const exists = await raiseReplicas(manager, name, mayRaise ? replicas : 0, logger);
  const created: DesiredStream = {
    ...deadLetterSubjects(stream),
    description: `Dead letters of stream ${stream}`,
    max_age: KEPT_DAYS * NANOS_PER_DAY,
    num_replicas: replicas,
  };
  await provisionStream(manager, { config: exists ? deadLetterSubjects(stream) : created, allowDataLoss: [] });
}

/** Returns the required part of the stream. An operator may change the rest. */
export function deadLetterSubjects(stream: string): DesiredStream {
  return { name: deadLetterStreamName(stream), subjects: [`dead.${stream}.>`] };
}
