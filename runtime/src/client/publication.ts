import { errors } from '@nats-io/transport-node';
import { isClosedConnection } from '../connection/closed-connection';
import { PermissionDeniedError } from '../errors/permission.errors';
import { NoStreamForSubjectError, PublishTimeoutError, PublishUnconfirmedError } from '../errors/publish.errors';
import { WrongLastSequenceError } from '../errors/publish-refusal.errors';
import type { OpenSession } from '../session/jetstream-session';
import { sizeOf, type OutgoingEvent } from './outgoing-event';
import type { NatsJetStreamPubAck } from './pub-ack';
import { publishAttempts } from './publish-attempts';
import { toPublishError } from './publish-failure';
import { requirePublishFeatures } from './publish-features';
import type { CheckedPublish } from './publish-options';
import { publishToLeader } from './publish-to-leader';
import { storedBefore } from './stored-before';

/** An event on its way into its stream: at first one attempt without more ado, and all else only when that fails. */
export class Publication {
  private origin: Error | undefined;
  /** Whether an attempt got no answer: it may have stored the event. */
  private isUnknown = false;

  constructor(
    private readonly event: OutgoingEvent,
    readonly messageId: string,
    private readonly options: CheckedPublish,
  ) {}

  publish(open: OpenSession): Promise<NatsJetStreamPubAck> {
    if (open.asyncTraces) this.origin = new Error('published');
    return new Promise((stored, reject) => {
      const failed = (error: unknown): void => void this.publishAfter(error, open).then(stored, reject);
      try {
        this.attempt(open, stored, failed);
      } catch (error) {
        // Nothing was sent.
        if (isClosedConnection(error)) reject(error);
        else failed(error);
      }
    });
  }

  /** @throws as `PubAckInbox.publish` */
  private attempt(
    open: OpenSession,
    stored: (ack: NatsJetStreamPubAck) => void,
    failed: (error: unknown) => void,
  ): void {
    const { timeout, retries, ttl, schedule, cancelSchedule } = this.options;
    if (ttl || schedule || cancelSchedule) requirePublishFeatures(this.options, open.connection.info?.version ?? '');
    if (!schedule && !cancelSchedule) return open.inbox.publish(this.event, timeout, retries > 1, { stored, failed });
    this.attemptScheduled(open).then(stored, failed);
  }

  /** Of schedules nats.js knows how to write them. */
  private async attemptScheduled({ client }: OpenSession): Promise<NatsJetStreamPubAck> {
    const { headers, timeout, expect, ttl, schedule, cancelSchedule } = this.options;
    const { stream, seq, duplicate, domain } = await client.publish(this.event.subject, this.event.body, {
      timeout,
      msgID: this.messageId,
      ...(headers === undefined ? {} : { headers }),
      ...(expect === undefined ? {} : { expect }),
      ...(ttl === undefined ? {} : { ttl }),
      ...(schedule === undefined ? {} : { schedule }),
      ...(cancelSchedule === undefined ? {} : { cancelSchedule }),
    });
    return { stream, seq, duplicate, ...(domain === undefined ? {} : { domain }) };
  }

  private attemptAgain(open: OpenSession): Promise<NatsJetStreamPubAck> {
    return new Promise((stored, failed) =>
      this.attempt(open, stored, (error) => {
        this.note(error);
        failed(error);
      }),
    );
  }

  private note(failure: unknown): void {
    this.isUnknown ||= failure instanceof errors.TimeoutError;
  }

  /** What is left to do after a first attempt that failed: others, and to say what the failure is. */
  private async publishAfter(first: unknown, open: OpenSession): Promise<NatsJetStreamPubAck> {
    const { messageId, event } = this;
    const { timeout, retries, expect = {} } = this.options;
    const { subject } = event;
    const waitedMs = timeout * retries;
    this.note(first);
    let failure: { readonly error: unknown } | undefined = { error: first };
    const attempts = async (): Promise<NatsJetStreamPubAck> => {
      const before = failure;
      failure = undefined;
      return publishAttempts(() => this.attemptAgain(open), retries, before);
    };
    try {
      return await publishToLeader(
        attempts,
        open,
        subject,
        retries === 1 ? 0 : waitedMs,
        (cause) => new PublishTimeoutError(subject, messageId, waitedMs, cause),
      );
    } catch (error) {
      // What the end of a connection interrupts, or a disconnect, was on its way.
      if (isClosedConnection(error, true)) throw new PublishUnconfirmedError(subject, messageId, error);
      if (this.origin && error instanceof Error) error.stack = `${error.stack}\n\n${this.origin.stack}`;
      const refusal = await toPublishError(error, open, { subject, messageId, size: sizeOf(event), waitedMs });
      if (this.isUnknown && !tellsOfEarlier(refusal))
        throw new PublishTimeoutError(subject, messageId, waitedMs, refusal);
      if (!(refusal instanceof WrongLastSequenceError) || retries === 1) throw refusal;
      const earlier = await storedBefore(open, subject, messageId, expect).catch((cause: unknown) => {
        throw new PublishTimeoutError(subject, messageId, waitedMs, cause);
      });
      if (earlier) return earlier;
      throw refusal;
    }
  }
}

/** A stream that knows message ids looks at them before it refuses. Who gets no answer of a stream learns nothing of what it has. */
function tellsOfEarlier(refusal: unknown): boolean {
  return !(refusal instanceof NoStreamForSubjectError || refusal instanceof PermissionDeniedError);
}
