import { AdminRefusedError } from '../errors/admin.errors';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';

export interface EraseMessageOptions {
  /** Whether the bytes are overwritten on the disk as well, which takes longer. Default: true. */
  secure?: boolean;
}

/** What an operator does to streams and consumers; every call is one that the service itself never makes. */
export class JetStreamAdmin {
  constructor(private readonly session: JetStreamSession) {}

  /**
   * Removes one message for good; the sequence stays a gap.
   * @throws AdminRefusedError (`ADMIN_REFUSED`): no such stream or message, or the stream has `deny_delete`
   */
  async eraseMessage(stream: string, sequence: number, { secure = true }: EraseMessageOptions = {}): Promise<void> {
    await this.attempt('erase', `message ${sequence} of stream '${stream}'`, async ({ manager }) =>
      manager.streams.deleteMessage(stream, sequence, secure),
    );
  }

  /**
   * Removes every message of a subject, which may have wildcards, and resolves to how many there were.
   * @throws AdminRefusedError (`ADMIN_REFUSED`): no such stream, or the stream has `deny_purge`
   */
  async purgeSubject(stream: string, subject: string): Promise<number> {
    // Without a filter the server empties the whole stream.
    if (subject === '') throw new InvalidOptionError('subject', subject, 'name the subject to purge');
    const { purged } = await this.attempt('purge', `subject '${subject}' of stream '${stream}'`, async ({ manager }) =>
      manager.streams.purge(stream, { filter: subject }),
    );
    return purged;
  }

  /**
   * Delivers nothing to any instance of this consumer until then, also across restarts; needs a server of 2.11 or later.
   * @throws AdminRefusedError (`ADMIN_REFUSED`): no such stream or consumer
   */
  async pauseConsumer(stream: string, durable: string, until: Date): Promise<void> {
    await this.attempt('pause', `consumer '${durable}' of stream '${stream}'`, async ({ manager }) =>
      manager.consumers.pause(stream, durable, until),
    );
  }

  /**
   * Delivers again at once; without effect on a consumer that is not paused.
   * @throws AdminRefusedError (`ADMIN_REFUSED`): no such stream or consumer
   */
  async resumeConsumer(stream: string, durable: string): Promise<void> {
    await this.attempt('resume', `consumer '${durable}' of stream '${stream}'`, async ({ manager }) =>
      manager.consumers.resume(stream, durable),
    );
  }

  private async attempt<T>(action: string, target: string, call: (session: OpenSession) => Promise<T>): Promise<T> {
    const session = await this.session.open();
    try {
      return await call(session);
    } catch (error) {
      throw new AdminRefusedError(action, target, error);
    }
  }
}
