import type { NextMsgRequest, SeqMsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { ActivePublish } from '../telemetry/active-telemetry';
import { InvalidDeadLetterError, MissingMessageError } from '../errors/admin.errors';
import { isInstance } from '../errors/thrown-value';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { PublishTimeoutError } from '../errors/publish.errors';
import { RedriveIncompleteError, type RedriveFailure } from '../errors/redrive.errors';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { eraseStoredMessage } from '../stream/erase-message';
import { assertPublishSubject } from '../subject/subject-syntax';
import { DEAD_LETTER_HEADERS, deadLetterPattern, deadLetterSubject } from '../message/dead-letter';

/** Number of attempts of a publish, all with the same message id. */
export const PUBLISH_ATTEMPTS = 3;
/** Limit of failures, because a stream may refuse all messages. */
const MAX_FAILURES = 100;

/** Reports a redrive to the telemetry, and adds its headers. */
export type ObserveRedrive = (subject: string, messageId: string, headers: MsgHdrs) => ActivePublish | undefined;

/** Destination of redriven messages. */
export interface RedriveTarget {
  /** True if content that is stored separately is still needed after the publish. */
  readonly keepsContent: boolean;
  /**
   * Stores the message of a dead letter again, once for all calls with the same message id.
   * @param content the dead letter, or the separate message with its bytes and headers
   */
  publish(deadLetter: StoredMsg, content: StoredMsg, messageId: string): Promise<NatsJetStreamPubAck>;
}

/** Redrives the dead letters of one stream. A dead letter is erased after its message is stored. */
export class Redrive {
  private readonly deadLetterStream: string;

  constructor(
    private readonly open: OpenSession,
    private readonly stream: string,
    private readonly target: RedriveTarget,
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
    this.assertComplete(deadLetter);
    const content = await this.contentOf(deadLetter);
    const messageId = `redrive-${this.deadLetterStream}-${deadLetter.seq}-${deadLetter.timestamp}`;
    const ack = await this.target.publish(deadLetter, content, messageId);
    await this.erase(deadLetter.seq);
    if (content !== deadLetter && !this.target.keepsContent) await this.erase(content.seq);
    return ack;
  }

  private assertComplete({ header, seq }: StoredMsg): void {
    try {
      assertPublishSubject(header.get(DEAD_LETTER_HEADERS.subject));
    } catch (cause) {
      throw new InvalidDeadLetterError(this.deadLetterStream, seq, cause);
    }
  }

  private async erase(sequence: number): Promise<void> {
    await eraseStoredMessage(this.open, this.deadLetterStream, sequence, false).catch((error: unknown) => {
      // Another redrive or the consumer erased it first.
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
}

function failureFrom({ header, seq }: StoredMsg, error: NatsJetStreamError): RedriveFailure {
  return {
    deadLetterSequence: seq,
    consumer: header.get(DEAD_LETTER_HEADERS.consumer),
    sequence: Number(header.get(DEAD_LETTER_HEADERS.sequence)),
    error,
  };
}
