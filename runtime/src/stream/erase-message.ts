import { JetStreamApiError } from '@nats-io/jetstream';
import { AdminNotAllowedError, MissingMessageError } from '../errors/admin.errors';
import type { OpenSession } from '../session/jetstream-session';

const DELETE_FAILED = 10_057;

/** @throws MissingMessageError, AdminNotAllowedError, or what nats.js throws */
export async function eraseStoredMessage(
  { manager }: OpenSession,
  stream: string,
  sequence: number,
  secure: boolean,
): Promise<void> {
  try {
    await manager.streams.deleteMessage(stream, sequence, secure);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== DELETE_FAILED) throw error;
    // The server has one code for a message that is not there and for a stream that keeps its messages.
    const { config } = await manager.streams.info(stream);
    if (config.deny_delete)
      throw new AdminNotAllowedError(
        `erase sequence ${sequence} of stream '${stream}'`,
        'the stream has deny_delete, which is for good',
        error,
      );
    if (await manager.streams.getMessage(stream, { seq: sequence })) throw error;
    throw new MissingMessageError(stream, sequence, error);
  }
}
