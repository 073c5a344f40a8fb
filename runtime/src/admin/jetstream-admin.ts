import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { Redrive } from '../dead-letter/redrive';
import { SERVICE_KEY } from '../consumer/provisioning/consumer-config';
import type { JetStreamSession } from '../session/jetstream-session';
import { assertFuture, assertNames, assertPurgeSubject, assertSequence, assertServiceId } from './admin-arguments';
import { runAdminTask } from './admin-task';
import { eraseStoredMessage } from '../stream/erase-message';
import { requireServer } from '../connection/required-server';
import type { JetStreamManager } from '@nats-io/jetstream';

const PAUSE_SINCE = '2.11';

/** Options of `eraseMessage`. */
export interface EraseMessageOptions {
  /** Overwrite the bytes on the disk too, which takes longer. Default: true. */
  secure?: boolean;
}

/** Options of `purgeSubject`. */
export interface PurgeSubjectOptions {
  /** Required for a pattern that has only wildcards, such as `>`. Default: false. */
  everything?: boolean;
}

/**
 * Operations on streams and consumers for operators. The transport itself never calls them.
 * Injectable wherever `NatsJetStreamTransport` is registered. Each method may also throw
 * InvalidOptionError (`INVALID_OPTION`) for an invalid argument, MissingStreamError
 * (`MISSING_STREAM`), AdminNotAllowedError (`ADMIN_NOT_ALLOWED`), AdminTimeoutError
 * (`ADMIN_TIMEOUT`), and AdminRefusedError (`ADMIN_REFUSED`) for any other refusal of the server.
 */
export class JetStreamAdmin {
  constructor(private readonly session: JetStreamSession) {}

  /**
   * Removes one message permanently. Its sequence is not used again.
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
   * Removes all messages of a subject, which may have wildcards, and resolves to their number.
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
   * Pauses delivery to all instances until a date, also over restarts of the service and the
   * server. Messages in flight are settled as usual. Pausing again moves the date.
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
   * Ends a pause. Delivery begins again one second later. Has no effect on a consumer that is not
   * paused.
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
   * Removes a durable with its position, for example after its handler was renamed. Unsettled
   * messages stay in a limits stream and in a work queue. An interest stream may drop them. If a
   * handler uses the durable, it recreates it at once.
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
   * Assigns a durable to another service by its `id`, and keeps the position. Instances of the
   * former service stop receiving its messages within a few seconds, and finish those in flight.
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
   * the message again, including those that handled it the first time.
   * @param sequence sequence of the message in `stream`, the last token of the dead letter's
   * subject
   * @throws MissingMessageError (`MISSING_MESSAGE`), InvalidDeadLetterError
   * (`INVALID_DEAD_LETTER`), and the errors of `emitAsync` if the message is not stored. The dead
   * letter is then kept
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
   * number. Dead letters that are stored during the call are not redriven. One that cannot be
   * redriven is kept, and does not block the others. An interrupted call can be repeated: within
   * the `duplicateWindow` of the stream no message is stored twice.
   * @throws RedriveIncompleteError (`REDRIVE_INCOMPLETE`) at the end, with each kept dead letter
   * and the reason; PublishTimeoutError (`PUBLISH_TIMEOUT`) at once if the server stops answering
   */
  async redriveAll(stream: string, durable?: string): Promise<number> {
    assertNames(stream, durable);
    const what = `redrive the dead letters of ${durable === undefined ? '' : `consumer '${durable}' of `}stream '${stream}'`;
    return runAdminTask(this.session, { what, stream: deadLetterStreamName(stream) }, async (open) =>
      new Redrive(open, this.session.timeoutMs, stream).all(durable),
    );
  }
}

/**
 * Must be longer than a request takes. The server does not resume if the date is in the past when
 * it arrives.
 */
const UNTIL_RESUMED_MS = 1_000;

/**
 * Ends a pause by moving its end to the next second. If a pause is cleared instead, the server
 * serves pulls only after its next heartbeat, and never resumes a push consumer without heartbeats.
 * When a pause expires, the server delivers at once.
 */
async function resumePausedConsumer({ consumers }: JetStreamManager, stream: string, durable: string): Promise<void> {
  const { paused, ts } = await consumers.info(stream, durable);
  // Use the clock of the server, not of this machine.
  const now = ts === undefined ? Date.now() : Date.parse(ts);
  if (paused) await consumers.pause(stream, durable, new Date(now + UNTIL_RESUMED_MS));
}
