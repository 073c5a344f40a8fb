import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { Redrive } from '../dead-letter/redrive';
import { SERVICE_KEY } from '../consumer/provisioning/consumer-config';
import type { JetStreamSession } from '../session/jetstream-session';
import { assertFuture, assertNames, assertPurgeSubject, assertSequence, assertServiceId } from './admin-arguments';
import { runAdminTask } from './admin-task';
import { eraseStoredMessage } from '../stream/erase-message';
import { requireServer } from '../connection/required-server';
import { resumePausedConsumer } from './resume-consumer';

const PAUSE_SINCE = '2.11';

/** How `eraseMessage` removes a message. */
export interface EraseMessageOptions {
  /** Whether the bytes are overwritten on the disk as well, which takes longer. Default: true. */
  secure?: boolean;
}

/** What `purgeSubject` may remove. */
export interface PurgeSubjectOptions {
  /** Must be true for a pattern of wildcards alone, such as `>`. Default: false. */
  everything?: boolean;
}

/**
 * Operations on streams and consumers for operators. The service itself never calls them.
 * Injectable wherever `NatsJetStreamTransport` is registered. Each call may also throw
 * InvalidOptionError (`INVALID_OPTION`) for an argument that cannot be, MissingStreamError
 * (`MISSING_STREAM`), AdminNotAllowedError (`ADMIN_NOT_ALLOWED`), AdminTimeoutError
 * (`ADMIN_TIMEOUT`), and AdminRefusedError (`ADMIN_REFUSED`) for what the server refuses besides.
 */
export class JetStreamAdmin {
  constructor(private readonly session: JetStreamSession) {}

  /**
   * Removes one message for good; its sequence stays a gap.
   * @throws MissingMessageError (`MISSING_MESSAGE`)
   */
  async eraseMessage(stream: string, sequence: number, { secure = true }: EraseMessageOptions = {}): Promise<void> {
    assertNames(stream);
    assertSequence(sequence);
    await runAdminTask(
      this.session,
      { what: `erase sequence ${sequence} of stream '${stream}'`, stream },
      async (open) => eraseStoredMessage(open, stream, sequence, secure),
    );
  }

  /**
   * Removes every message of a subject, which may have wildcards, and resolves to how many there
   * were.
   * @throws InvalidSubjectError (`INVALID_SUBJECT`)
   */
  async purgeSubject(
    stream: string,
    subject: string,
    { everything = false }: PurgeSubjectOptions = {},
  ): Promise<number> {
    assertNames(stream);
    assertPurgeSubject(subject, everything);
    const { purged } = await runAdminTask(
      this.session,
      { what: `purge '${subject}' from stream '${stream}'`, stream },
      async ({ manager }) => manager.streams.purge(stream, { filter: subject }),
    );
    return purged;
  }

  /**
   * Nothing new is delivered to any instance of this consumer until then, also over restarts of the
   * service and the server. What is with a handler already is settled as usual. Pausing again moves
   * the date.
   * @throws MissingConsumerError (`MISSING_CONSUMER`), UnsupportedByServerError
   * (`UNSUPPORTED_BY_SERVER`) before nats-server 2.11
   */
  async pauseConsumer(stream: string, durable: string, until: Date): Promise<void> {
    assertNames(stream, durable);
    assertFuture(until);
    const what = `pause consumer '${durable}' of stream '${stream}'`;
    await runAdminTask(this.session, { what, stream, durable }, async (open) => {
      requireServer(what, open.connection.info?.version ?? '', PAUSE_SINCE);
      await open.manager.consumers.pause(stream, durable, until);
    });
  }

  /**
   * Ends a pause; without effect on a consumer that is not paused. Deliveries begin again one
   * second later.
   * @throws MissingConsumerError (`MISSING_CONSUMER`), UnsupportedByServerError
   * (`UNSUPPORTED_BY_SERVER`) before nats-server 2.11
   */
  async resumeConsumer(stream: string, durable: string): Promise<void> {
    assertNames(stream, durable);
    const what = `resume consumer '${durable}' of stream '${stream}'`;
    await runAdminTask(this.session, { what, stream, durable }, async (open) => {
      requireServer(what, open.connection.info?.version ?? '', PAUSE_SINCE);
      await resumePausedConsumer(open.manager, stream, durable);
    });
  }

  /**
   * Removes a durable with its position, such as one that a renamed handler left behind. What it
   * had not delivered or settled stays in a stream of limits; a work queue then waits for the next
   * consumer, and an interest stream may drop it. While a handler uses the durable, it is recreated
   * at once.
   * @throws MissingConsumerError (`MISSING_CONSUMER`)
   */
  async deleteConsumer(stream: string, durable: string): Promise<void> {
    assertNames(stream, durable);
    const what = `delete consumer '${durable}' of stream '${stream}'`;
    await runAdminTask(this.session, { what, stream, durable }, async ({ manager }) =>
      manager.consumers.delete(stream, durable),
    );
  }

  /**
   * Hands a durable over to another service: marks it with that service's `id`, and keeps its
   * position. An instance of the former service stops taking its messages within a few seconds, and
   * finishes those that run.
   * @throws MissingConsumerError (`MISSING_CONSUMER`)
   */
  async assignConsumer(stream: string, durable: string, serviceId: string): Promise<void> {
    assertNames(stream, durable);
    assertServiceId(serviceId);
    const what = `assign consumer '${durable}' of stream '${stream}' to service '${serviceId}'`;
    await runAdminTask(this.session, { what, stream, durable }, async ({ manager: { consumers } }) => {
      const { config } = await consumers.info(stream, durable);
      await consumers.update(stream, durable, { metadata: { ...config.metadata, [SERVICE_KEY]: serviceId } });
    });
  }

  /**
   * Publishes a dead letter to its original subject, with its bytes and headers and a new message
   * id. Removes the dead letter after the message is stored. Every consumer of the subject receives
   * the message again, also those that handled it the first time.
   * @param sequence of the message in `stream`: the last token of the dead letter's subject
   * @throws MissingMessageError (`MISSING_MESSAGE`), InvalidDeadLetterError
   * (`INVALID_DEAD_LETTER`), and the errors of `emitAsync` when the message is not stored; the dead
   * letter is kept then
   */
  async redrive(stream: string, durable: string, sequence: number): Promise<NatsJetStreamPubAck> {
    assertNames(stream, durable);
    assertSequence(sequence);
    const what = `redrive sequence ${sequence} of consumer '${durable}' of stream '${stream}'`;
    return runAdminTask(this.session, { what, stream: deadLetterStreamName(stream) }, async (open) =>
      new Redrive(open, this.session.timeoutMs, stream).one(durable, sequence),
    );
  }

  /**
   * Redrives all dead letters of a durable, or of the stream, oldest first, and resolves to their
   * number. Dead letters that are stored meanwhile are left. One that cannot be redriven is kept,
   * and does not hold up the others. An interrupted call can be repeated: within the stream's
   * `duplicateWindow` no message is stored twice.
   * @throws RedriveIncompleteError (`REDRIVE_INCOMPLETE`) at the end, with each dead letter that
   * was kept and the reason; PublishTimeoutError (`PUBLISH_TIMEOUT`) at once when the server stops
   * answering
   */
  async redriveAll(stream: string, durable?: string): Promise<number> {
    assertNames(stream, durable);
    const what = `redrive the dead letters of ${durable === undefined ? '' : `consumer '${durable}' of `}stream '${stream}'`;
    return runAdminTask(this.session, { what, stream: deadLetterStreamName(stream) }, async (open) =>
      new Redrive(open, this.session.timeoutMs, stream).all(durable),
    );
  }
}
