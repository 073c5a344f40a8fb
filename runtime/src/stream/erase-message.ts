import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { AdminNotAllowedError, MissingMessageError } from '../errors/admin.errors';

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
    if (!(error instanceof JetStreamApiError) || error.code !== DELETE_FAILED) throw error;
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
