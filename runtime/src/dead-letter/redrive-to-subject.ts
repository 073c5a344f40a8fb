import type { StoredMsg } from '@nats-io/jetstream';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { toPublishError } from '../client/publish-failure';
import { DEAD_LETTER_HEADERS, headersSize, ownHeaders } from '../message/dead-letter';
import type { OpenSession } from '../session/jetstream-session';
import { PUBLISH_ATTEMPTS, type ObserveRedrive, type RedriveTarget } from './redrive';

/** Publishes dead letters to their original subjects, for all consumers of these. */
export class SubjectTarget implements RedriveTarget {
  readonly keepsContent = false;

  constructor(
    private readonly open: OpenSession,
    private readonly timeoutMs: number,
    private readonly observe: ObserveRedrive | undefined,
  ) {}

  async publish(deadLetter: StoredMsg, { data, header }: StoredMsg, messageId: string): Promise<NatsJetStreamPubAck> {
    const subject = deadLetter.header.get(DEAD_LETTER_HEADERS.subject);
    const headers = ownHeaders(header);
    const observers = this.observe?.(subject, messageId, headers);
    try {
      const { stream, seq, duplicate, domain } = await this.open.client.publish(subject, data, {
        headers,
        msgID: messageId,
        timeout: this.timeoutMs,
        retries: PUBLISH_ATTEMPTS,
      });
      observers?.stored({ stream, seq, duplicate });
      return { stream, seq, duplicate, ...(domain === undefined ? {} : { domain }) };
    } catch (cause) {
      const error = await toPublishError(cause, this.open, {
        subject,
        messageId,
        size: data.length + headersSize(headers),
        waitedMs: this.timeoutMs * PUBLISH_ATTEMPTS,
      });
      observers?.failed(error);
      throw error;
    }
  }
}
