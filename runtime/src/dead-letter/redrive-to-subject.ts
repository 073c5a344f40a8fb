import type { StoredMsg } from '@nats-io/jetstream';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { toPublishError } from '../client/publish-failure';
import { DEAD_LETTER_HEADERS, headersSize, ownHeaders } from '../message/dead-letter';
import type { OpenSession } from '../session/jetstream-session';
import { PUBLISH_ATTEMPTS, type RedriveTarget } from './redrive';

/** Publishes dead letters to their original subjects, for all consumers of these. */
export class SubjectTarget implements RedriveTarget {
  readonly keepsContent = false;

  constructor(
    private readonly open: OpenSession,
    private readonly timeoutMs: number,
  ) {}

  async publish(deadLetter: StoredMsg, { data, header }: StoredMsg, messageId: string): Promise<NatsJetStreamPubAck> {
    const subject = deadLetter.header.get(DEAD_LETTER_HEADERS.subject);
    const headers = ownHeaders(header);
    try {
      const { stream, seq, duplicate, domain } = await this.open.client.publish(subject, data, {
        headers,
        msgID: messageId,
        timeout: this.timeoutMs,
        retries: PUBLISH_ATTEMPTS,
      });
      return { stream, seq, duplicate, ...(domain === undefined ? {} : { domain }) };
    } catch (error) {
      throw await toPublishError(error, this.open, {
        subject,
        messageId,
        size: data.length + headersSize(headers),
        waitedMs: this.timeoutMs * PUBLISH_ATTEMPTS,
      });
    }
  }
}
