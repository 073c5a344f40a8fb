import type { NextMsgRequest, SeqMsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { toPublishError } from '../client/publish-failure';
import { InvalidDeadLetterError, MissingMessageError } from '../errors/admin.errors';
import { isInstance } from '../errors/thrown-value';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { PublishTimeoutError } from '../errors/publish.errors';
import { RedriveIncompleteError, type RedriveFailure } from '../errors/redrive.errors';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { eraseStoredMessage } from '../stream/erase-message';
import { assertPublishSubject } from '../subject/subject-syntax';
import { DEAD_LETTER_HEADERS, deadLetterPattern, deadLetterSubject, headersSize, ownHeaders } from './dead-letter';

/** Number of attempts, all with the same message id. */
const ATTEMPTS = 3;
/** Limit of failures, because a stream may refuse all messages. */
const MAX_FAILURES = 100;

/** Publishes the dead letters of one stream to their original subjects. */
export class Redrive {
  private readonly deadLetterStream: string;

  constructor(
    private readonly open: OpenSession,
    private readonly timeoutMs: number,
    private readonly stream: string,
  ) {
    this.deadLetterStream = deadLetterStreamName(stream);
  }

  async one(consumer: string, sequence: number): Promise<NatsJetStreamPubAck> {
    const subject = deadLetterSubject({ stream: this.stream, consumer, sequence });
    const deadLetter = await this.open.manager.streams.getMessage(this.deadLetterStream, { last_by_subj: subject });
    if (!deadLetter) throw new MissingMessageError(this.deadLetterStream, subject);
    return this.redrive(deadLetter);
  }

  /** @throws RedriveIncompleteError (`REDRIVE_INCOMPLETE`) after all others are redriven */
  async all(consumer: string | undefined): Promise<number> {
    const { state } = await this.open.manager.streams.info(this.deadLetterStream);
    const failures: RedriveFailure[] = [];
    let redriven = 0;
    let deadLetter = await this.next(consumer, 1);
    // A message that fails again gets a higher sequence, and must not be redriven in a loop.
    while (deadLetter && deadLetter.seq <= state.last_seq) {
      const error = await this.failureOf(deadLetter);
      if (error) failures.push(failureFrom(deadLetter, error));
      else redriven++;
      if (failures.length === MAX_FAILURES) break;
      deadLetter = await this.next(consumer, deadLetter.seq + 1);
    }
    if (failures.length > 0) throw new RedriveIncompleteError(this.deadLetterStream, redriven, failures, MAX_FAILURES);
    return redriven;
  }

  private async next(consumer: string | undefined, from: number): Promise<StoredMsg | null> {
    const pattern = deadLetterPattern(this.stream, consumer);
    const request: SeqMsgRequest & NextMsgRequest = { seq: from, next_by_subj: pattern };
    return this.open.manager.streams.getMessage(this.deadLetterStream, request);
  }

  /** @throws a failure of the connection, as opposed to this dead letter */
  private async failureOf(deadLetter: StoredMsg): Promise<NatsJetStreamError | undefined> {
    try {
      await this.redrive(deadLetter);
      return undefined;
    } catch (error) {
      if (!isInstance(error, NatsJetStreamError) || isInstance(error, PublishTimeoutError)) throw error;
      return error;
    }
  }

  private async redrive(deadLetter: StoredMsg): Promise<NatsJetStreamPubAck> {
    const content = await this.contentOf(deadLetter);
    const ack = await this.publish(deadLetter, content);
    await this.erase(deadLetter.seq);
    if (content !== deadLetter) await this.erase(content.seq);
    return ack;
  }

  private async erase(sequence: number): Promise<void> {
    await eraseStoredMessage(this.open, this.deadLetterStream, sequence, false).catch((error: unknown) => {
      // Another redrive erased it first. The message id prevents a second copy of the message.
      if (!isInstance(error, MissingMessageError)) throw error;
    });
  }

  /**
   * Returns the stored message with the bytes and headers: the dead letter, or a separate message.
   */
  private async contentOf(deadLetter: StoredMsg): Promise<StoredMsg> {
    const sequence = Number(deadLetter.header.get(DEAD_LETTER_HEADERS.content));
    if (!(sequence > 0)) return deadLetter;
    const content = await this.open.manager.streams.getMessage(this.deadLetterStream, { seq: sequence });
    if (!content) throw new MissingMessageError(this.deadLetterStream, sequence);
    return content;
  }

  private async publish(deadLetter: StoredMsg, { data, header }: StoredMsg): Promise<NatsJetStreamPubAck> {
    const subject = deadLetter.header.get(DEAD_LETTER_HEADERS.subject);
    try {
      assertPublishSubject(subject);
    } catch (cause) {
      throw new InvalidDeadLetterError(this.deadLetterStream, deadLetter.seq, cause);
    }
    // All attempts have the same id, so the message is stored once within the duplicate window.
    const msgID = `redrive-${this.deadLetterStream}-${deadLetter.seq}-${deadLetter.timestamp}`;
    const headers = ownHeaders(header);
    try {
      const { stream, seq, duplicate, domain } = await this.open.client.publish(subject, data, {
        headers,
        msgID,
        timeout: this.timeoutMs,
        retries: ATTEMPTS,
      });
      return { stream, seq, duplicate, ...(domain === undefined ? {} : { domain }) };
    } catch (error) {
      throw await toPublishError(error, this.open, {
        subject,
        messageId: msgID,
        size: data.length + headersSize(headers),
        waitedMs: this.timeoutMs * ATTEMPTS,
      });
    }
  }
}

function failureFrom({ header, seq }: StoredMsg, error: NatsJetStreamError): RedriveFailure {
  return {
    deadLetterSequence: seq,
    consumer: header.get(DEAD_LETTER_HEADERS.consumer),
    sequence: Number(header.get(DEAD_LETTER_HEADERS.sequence)),
    error,
  };
}
