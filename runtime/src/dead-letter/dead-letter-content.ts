import type { MsgHdrs } from '@nats-io/transport-node';
import { readPubAck } from '../client/pub-ack';
import { deadLetterContentSubject, type DeadLetterKey, ownHeaders } from '../message/dead-letter';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { publishFailure } from './stream-io';

/**
 * Stores the bytes and headers of a message separately, and returns their sequence.
 * @throws MissingStreamError (`MISSING_STREAM`), PermissionDeniedError (`PERMISSION_DENIED`), or an
 * error of nats.js
 */
export async function storeContent(
  open: OpenSession,
  message: DeadLetterKey & { readonly data: Uint8Array; readonly headers: MsgHdrs | undefined },
): Promise<number> {
  const subject = deadLetterContentSubject(message);
  const headers = ownHeaders(message.headers);
  try {
    // The publish of nats.js always adds headers, which may exceed the limit.
    const options = { timeout: open.manager.getOptions().timeout ?? 5_000 };
    const request = headers.keys().length > 0 ? { ...options, headers } : options;
    return readPubAck(subject, await open.connection.request(subject, message.data, request)).seq;
  } catch (error) {
    throw await publishFailure(open, deadLetterStreamName(message.stream), error);
  }
}
