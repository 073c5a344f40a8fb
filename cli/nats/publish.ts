import { jetstream, jetstreamManager, JetStreamApiError, type PubAck } from '@nats-io/jetstream';
import { errors, type MsgHdrs } from '@nats-io/transport-node';
import type { Connection } from './connect';
import { explained, NatsCommandError } from './errors';

/** A message to publish. */
export interface OutgoingMessage {
  readonly subject: string;
  readonly data: string;
  readonly headers: MsgHdrs;
  /** Message id of all attempts, so that the stream discards a duplicate. */
  readonly messageId: string;
  /** Maximum time to wait for the PubAck of each attempt. */
  readonly timeoutMs: number;
}

const ATTEMPTS = 3;

/**
 * Publishes a message and waits for its PubAck. An attempt without an answer is repeated with the
 * same message id.
 * @throws NatsCommandError (`NO_STREAM_FOR_SUBJECT`) before anything is sent, `PUBLISH_TIMEOUT` or
 * `PUBLISH_REFUSED`
 */
export async function publish(connection: Connection, message: OutgoingMessage): Promise<PubAck> {
  const { subject, messageId, timeoutMs } = message;
  await assertStored(connection, subject);
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(connection, message);
    } catch (error) {
      if (!(error instanceof errors.TimeoutError)) throw publishError(error, connection, message);
      if (attempt < ATTEMPTS) continue;
      throw new NatsCommandError(
        'PUBLISH_TIMEOUT',
        `No PubAck for '${subject}' arrived within ${timeoutMs} ms, ${ATTEMPTS} times. The message may or may not be stored. ` +
          `Run the command again with --id ${messageId}, which does not store it twice.`,
        subject,
        { cause: error },
      );
    }
  }
}

async function send({ nats, jetStream }: Connection, message: OutgoingMessage): Promise<PubAck> {
  const { subject, data, headers, messageId, timeoutMs } = message;
  const ack = await jetstream(nats, { ...jetStream }).publish(subject, data, {
    msgID: messageId,
    headers,
    timeout: timeoutMs,
  });
  // Another subscriber of the subject may answer, too.
  if (typeof ack.stream === 'string') return ack;
  throw new NatsCommandError(
    'PUBLISH_TIMEOUT',
    `A subscriber of '${subject}' answered instead of JetStream. The message may or may not be stored. Look for message id ${messageId}.`,
    subject,
  );
}

/** Refuses a subject without a stream. */
async function assertStored({ nats, servers, jetStream }: Connection, subject: string): Promise<void> {
  try {
    const manager = await jetstreamManager(nats, { ...jetStream });
    const names = await manager.streams.names(subject).next();
    if (names.length === 0) throw noStream(subject);
  } catch (error) {
    // The PubAck decides if the user may not list streams.
    const explanation = explained(error, servers);
    if (!(explanation instanceof NatsCommandError) || explanation.code !== 'PERMISSION_DENIED') throw explanation;
  }
}

function noStream(subject: string): NatsCommandError {
  return new NatsCommandError(
    'NO_STREAM_FOR_SUBJECT',
    `No stream stores '${subject}', so the message was not published. Start the application that declares the stream.`,
    subject,
  );
}

function publishError(error: unknown, { servers }: Connection, { subject, messageId }: OutgoingMessage): unknown {
  const explanation = explained(error, servers);
  // The lookup has shown that JetStream is enabled, unless the user may not list streams.
  if (explanation instanceof NatsCommandError && explanation.code === 'JETSTREAM_DISABLED') return noStream(subject);
  if (!(error instanceof JetStreamApiError)) return explanation;
  const text = `The server refused the message for '${subject}' (message id ${messageId}). Its answer is "${error.message}".`;
  return new NatsCommandError('PUBLISH_REFUSED', text, subject, { cause: error });
}
