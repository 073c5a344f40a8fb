import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { AdminNotAllowedError, MissingMessageError } from '../errors/admin.errors';

const SEQUENCE_NOT_FOUND = 10_043;
const DELETE_FAILED = 10_057;

/**
 * Erases a stored message.
 * @throws MissingMessageError, AdminNotAllowedError, or an error of nats.js
 */
export async function eraseStoredMessage(
  { manager }: { readonly manager: JetStreamManager },
  stream: string,
  sequence: number,
  secure: boolean,
): Promise<void> {
  try {
    await manager.streams.deleteMessage(stream, sequence, secure);
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    if (error.code === SEQUENCE_NOT_FOUND) throw new MissingMessageError(stream, sequence, error);
    if (error.code !== DELETE_FAILED) throw error;
    // A missing message and a stream with deny_delete have the same error code.
    const { config } = await manager.streams.info(stream);
    if (config.deny_delete)
      throw new AdminNotAllowedError(
        `erase sequence ${sequence} of stream '${stream}'`,
        'The stream has deny_delete, which cannot be changed',
        error,
      );
    if (await manager.streams.getMessage(stream, { seq: sequence })) throw error;
    throw new MissingMessageError(stream, sequence, error);
  }
}

/**
 * Erases a message of a stream of this package. Succeeds if the message or the stream does not
 * exist. Unlike {@link eraseStoredMessage}, it does not read the configuration of the stream.
 * @throws an error of nats.js
 */
export async function eraseIfStored(
  { manager }: { readonly manager: JetStreamManager },
  stream: string,
  sequence: number,
): Promise<void> {
  try {
    await manager.streams.deleteMessage(stream, sequence, false);
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    if (error.code === JetStreamApiCodes.StreamNotFound || error.code === SEQUENCE_NOT_FOUND) return;
    if (error.code !== DELETE_FAILED || (await manager.streams.getMessage(stream, { seq: sequence }))) throw error;
  }
}
