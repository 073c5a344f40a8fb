import type { NextMsgRequest, SeqMsgRequest, StoredMsg } from '@nats-io/jetstream';
import { eraseStoredMessage } from '../stream/erase-message';
import { headersSize } from '../client/message-headers';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { toPublishError } from '../client/publish-failure';
import { InvalidDeadLetterError, MissingMessageError } from '../errors/admin.errors';
import type { OpenSession } from '../session/jetstream-session';
import { assertPublishSubject } from '../subject/subject-syntax';
import { DEAD_LETTER_HEADERS, ownHeaders } from './dead-letter';
import { deadLetterStreamName, deadLetterSubject } from './dead-letter-stream';
import { isReference } from './fitted-letter';

/** Attempts, all with one message id. */
const ATTEMPTS = 3;

/** Takes the dead letters of one stream back to the subjects they came from. */
export class Redrive {
  private readonly letters: string;

  constructor(
    private readonly open: OpenSession,
    private readonly timeoutMs: number,
    private readonly stream: string,
  ) {
    this.letters = Redrive.streamOf(stream);
  }

  static streamOf(stream: string): string {
    return deadLetterStreamName(stream);
  }

  async one(durable: string, sequence: number): Promise<NatsJetStreamPubAck> {
    const subject = deadLetterSubject(this.stream, durable, sequence);
    const letter = await this.open.manager.streams.getMessage(this.letters, { last_by_subj: subject });
    if (!letter) throw new MissingMessageError(this.letters, subject);
    return this.putBack(letter);
  }

  async all(durable: string | undefined): Promise<number> {
    const { state } = await this.open.manager.streams.info(this.letters);
    const of = durable === undefined ? `dead.${this.stream}.>` : `dead.${this.stream}.${durable}.*`;
    let count = 0;
    let letter = await this.next(of, 1);
    // What fails again comes back with a higher sequence, and must not go round for ever.
    while (letter && letter.seq <= state.last_seq) {
      await this.putBack(letter);
      count++;
      letter = await this.next(of, letter.seq + 1);
    }
    return count;
  }

  private async next(subject: string, from: number): Promise<StoredMsg | null> {
    const request: SeqMsgRequest & NextMsgRequest = { seq: from, next_by_subj: subject };
    return this.open.manager.streams.getMessage(this.letters, request);
  }

  private async putBack(letter: StoredMsg): Promise<NatsJetStreamPubAck> {
    const ack = await this.publish(letter);
    await eraseStoredMessage(this.open, this.letters, letter.seq, false).catch((error: unknown) => {
      // Another operator was faster; the message id has kept the message from being stored twice.
      if (!(error instanceof MissingMessageError)) throw error;
    });
    return ack;
  }

  private async leftInStream({ header }: StoredMsg): Promise<StoredMsg> {
    const seq = Number(header.get(DEAD_LETTER_HEADERS.sequence));
    const message = await this.open.manager.streams.getMessage(this.stream, { seq });
    if (!message) throw new MissingMessageError(this.stream, seq);
    return message;
  }

  private async publish(letter: StoredMsg): Promise<NatsJetStreamPubAck> {
    const subject = letter.header.get(DEAD_LETTER_HEADERS.subject);
    try {
      assertPublishSubject(subject);
    } catch (cause) {
      throw new InvalidDeadLetterError(this.letters, letter.seq, cause);
    }
    // Of this dead letter alone, and the same each time it is tried: within the duplicate window it is stored once.
    const msgID = `redrive-${this.letters}-${letter.seq}-${letter.timestamp}`;
    const { data, header } = isReference(letter.header) ? await this.leftInStream(letter) : letter;
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
