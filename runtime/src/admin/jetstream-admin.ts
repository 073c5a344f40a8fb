import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { createRedrive } from '../dead-letter/create-redrive';
import { readDeadLetters } from '../dead-letter/read-dead-letters';
import { RedriveIncompleteError } from '../errors/redrive.errors';
import { REDRIVE_KEY, SERVICE_KEY } from '../consumer/provisioning/consumer-config';
import { findConsumerOrStream } from '../consumer/provisioning/find-consumer';
import type { JetStreamSession } from '../session/jetstream-session';
import {
  assertFuture,
  assertNames,
  assertPurgeSubject,
  assertRedriveTarget,
  assertSequence,
  assertServiceId,
} from './admin-arguments';
import { runAdminTask } from './admin-task';
import { replayConsumer, type ReplayStart } from './replay-consumer';
import { eraseStoredMessage } from '../stream/erase-message';
import { requireServer } from '../connection/required-server';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';

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

/** Options of `redrive` and `redriveAll`. */
export interface RedriveOptions {
  /**
   * Receiver of the messages. `'consumer'` is the consumer that dead-lettered the message.
   * `'subject'` publishes it again to its original subject with a new message id, so that every
   * consumer of the subject receives it, including those that handled it. Default: `'consumer'`.
   */
  to?: 'consumer' | 'subject';
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
   * server. Redriven messages are paused too. Messages in flight are settled as usual. Pausing
   * again moves the date.
   * @throws MissingConsumerError (`MISSING_CONSUMER`), UnsupportedByServerError
   * (`UNSUPPORTED_BY_SERVER`) before nats-server 2.11
   */
  async pauseConsumer(stream: string, durable: string, until: Date): Promise<void> {
    assertNames(stream, durable);
    assertFuture(until);
    const what = `pause consumer '${durable}' of stream '${stream}'`;
    await runAdminTask(this.session, { what, stream, durable }, async (open) => {
      requireServer(what, open.connection.info?.version ?? '', PAUSE_SINCE);
      const { consumers } = open.manager;
      for (const each of await withRedrives(open.manager, stream, durable))
        await consumers.pause(each.stream_name, each.name, until);
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
      for (const each of await withRedrives(open.manager, stream, durable))
        await resumePausedConsumer(open.manager, each);
    });
  }

  /**
   * Delivers messages that a durable has handled again, with all their attempts, and resolves to
   * their number. The service may be running: new messages follow in their order. Messages that are
   * not acknowledged yet are delivered again too, and no message is skipped.
   * @throws ReplayRefusedError (`REPLAY_REFUSED`), MissingConsumerError (`MISSING_CONSUMER`),
   * UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`) before nats-server 2.14
   */
  async replay(stream: string, durable: string, start: ReplayStart): Promise<number> {
    const { messages } = await replayConsumer(this.session, stream, durable, start);
    return messages;
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
   * Gives a dead letter back to the consumer that dead-lettered it, and to no other. The handler
   * receives the original message with all its attempts, and `context.redriven` is true. If it
   * fails again, it becomes a new dead letter. A service that is not running receives it later.
   * @param sequence sequence of the message in `stream`, the last token of the dead letter's
   * subject
   * @returns the PubAck of the message that was stored for the redrive
   * @throws MissingMessageError (`MISSING_MESSAGE`), InvalidDeadLetterError
   * (`INVALID_DEAD_LETTER`), MissingConsumerError (`MISSING_CONSUMER`), and the errors of
   * `emitAsync` if the message is not stored. The dead letter is then kept
   */
  async redrive(
    stream: string,
    durable: string,
    sequence: number,
    { to = 'consumer' }: RedriveOptions = {},
  ): Promise<NatsJetStreamPubAck> {
    assertNames(stream, durable);
    assertSequence(sequence);
    assertRedriveTarget(to);
    const what = `redrive sequence ${sequence} of consumer '${durable}' of stream '${stream}'`;
    return runAdminTask(this.session, { what, stream: deadLetterStreamName(stream) }, async (open) =>
      createRedrive(this.session, open, stream, to).one(durable, sequence),
    );
  }

  /**
   * Redrives all dead letters of a durable, or of the stream, oldest first, and resolves to their
   * number. Dead letters that are stored during the call are not redriven. One that cannot be
   * redriven is kept, and does not block the others. An interrupted call can be repeated: no
   * message is redriven twice. With `to: 'subject'` this holds within the `duplicateWindow` of the
   * stream.
   * @throws RedriveIncompleteError (`REDRIVE_INCOMPLETE`) at the end, with each kept dead letter
   * and the reason; PublishTimeoutError (`PUBLISH_TIMEOUT`) at once if the server stops answering
   */
  async redriveAll(stream: string, durable?: string, { to = 'consumer' }: RedriveOptions = {}): Promise<number> {
    assertNames(stream, durable);
    assertRedriveTarget(to);
    const what = `redrive the dead letters of ${durable === undefined ? '' : `consumer '${durable}' of `}stream '${stream}'`;
    const deadLetters = deadLetterStreamName(stream);
    return runAdminTask(this.session, { what, stream: deadLetters }, async (open) => {
      const info = await open.manager.streams.info(deadLetters);
      const sequences: number[] = [];
      const filter = durable === undefined ? {} : { durable };
      for await (const { deadLetterSequence } of readDeadLetters(open, stream, info, filter))
        sequences.push(deadLetterSequence);
      const { redriven, failures, isComplete } = await createRedrive(this.session, open, stream, to).each(sequences);
      if (failures.length > 0) throw new RedriveIncompleteError(deadLetters, redriven, failures, isComplete);
      return redriven;
    });
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
async function resumePausedConsumer(
  { consumers }: JetStreamManager,
  { stream_name: stream, name, paused, ts }: ConsumerInfo,
): Promise<void> {
  // Use the clock of the server, not of this machine.
  const now = ts === undefined ? Date.now() : Date.parse(ts);
  if (paused) await consumers.pause(stream, name, new Date(now + UNTIL_RESUMED_MS));
}

/** Returns a durable and the consumer of its redriven messages, if it has one. */
async function withRedrives(manager: JetStreamManager, stream: string, durable: string): Promise<ConsumerInfo[]> {
  const info = await manager.consumers.info(stream, durable);
  const name = info.config.metadata?.[REDRIVE_KEY];
  const redrives = name && (await findConsumerOrStream(manager, deadLetterStreamName(stream), name));
  return redrives ? [info, redrives] : [info];
}
