import { Logger } from '@nestjs/common';
import { failureText } from '../errors/thrown-value';
import { namesOf, type JetStreamMessage } from '../message/jetstream-message';

/** Maximum time to record deliveries that did not run. Then they are handed back anyway. */
const RECORD_WITHIN_MS = 2_000;

/** Records that deliveries did not run, so that they do not count as attempts. */
export type RecordHandBack = (messages: readonly JetStreamMessage[], withinMs: number) => Promise<void>;

/** Hands messages that did not run back to the server, which redelivers them to any instance. */
export class HandBack {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  /** Resolves when the hand-backs so far are sent. */
  private sent: Promise<void> = Promise.resolve();

  constructor(private readonly record: RecordHandBack) {}

  add(messages: readonly JetStreamMessage[]): void {
    if (messages.length === 0) return;
    // The server redelivers messages in the order of their hand-back.
    this.sent = Promise.all([this.record(messages, RECORD_WITHIN_MS), this.sent]).then(() => {
      for (const message of messages) this.nak(message);
    });
  }

  /** Resolves when all messages are sent, including those that are added meanwhile. */
  async idle(): Promise<void> {
    for (let last; last !== this.sent;) {
      last = this.sent;
      await last;
    }
  }

  private nak(message: JetStreamMessage): void {
    try {
      message.nak();
    } catch (error) {
      this.logger.debug(`${namesOf([message])} could not be handed back: ${failureText(error)}`);
    }
  }
}
