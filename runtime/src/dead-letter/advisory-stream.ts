import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { StreamProvisioningError } from '../errors/stream.errors';
import type { DesiredStream } from '../stream/stream-config';

const NANOS_PER_DAY = 24 * 3_600 * 1e9;
const KEPT_DAYS = 30;
const STREAM_NAME_IN_USE = 10058;
const MAX_DELIVERIES = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES';

/**
 * The server says once, to whoever listens, that it gave a message up after `max_deliver` deliveries. This stream listens for
 * all services of the account: a process that dies with its message cannot report it, and none may be alive at that moment.
 */
export const ADVISORY_STREAM: DesiredStream = {
  name: 'JETSTREAM_ADVISORIES',
  description: 'Messages that no consumer got handled, as the server reports them',
  subjects: [`${MAX_DELIVERIES}.>`],
  max_age: KEPT_DAYS * NANOS_PER_DAY,
};

/** Advisories about a durable, of whichever stream. */
export function advisorySubject(durable: string): string {
  return `${MAX_DELIVERIES}.*.${durable}`;
}

/** Creates the stream where there is none; one that is there, made by another service, stays as it is. */
export async function createAdvisoryStream(manager: JetStreamManager): Promise<void> {
  try {
    await manager.streams.add({ ...ADVISORY_STREAM });
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NAME_IN_USE) return;
    throw new StreamProvisioningError(ADVISORY_STREAM.name, error);
  }
}
