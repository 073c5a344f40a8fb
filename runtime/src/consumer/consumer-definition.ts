import type { MessageHandler } from '@nestjs/microservices';
import type { SubjectTemplate } from '../subject/subject-template';
import type { ConsumerSettings } from './options/consumer-settings';

/** One consumer on the server. */
export interface ConsumerDefinition {
  readonly durable: string;
  /** Subjects, or patterns with wildcards, that the consumer filters its stream by. */
  readonly subjects: readonly string[];
  /** Default: the stream that stores the first of the subjects. */
  readonly stream?: string;
  /** True: the server forgets it when nobody uses it any more. Default: false. */
  readonly ephemeral?: boolean;
  /**
   * What the subject begins with that a push consumer delivers to without `deliverTo`. Default
   * `_INBOX`.
   */
  readonly inboxPrefix?: string | undefined;
  /** The `id` of the service, written to the durable: whose it is. */
  readonly service?: string | undefined;
  /** Gives the captured tokens of a message's subject. */
  readonly template?: SubjectTemplate<string, unknown> | undefined;
  readonly settings: ConsumerSettings;
  /**
   * The handler as people know it, for logs and errors: `OrderCreatedConsumer.handle`, or the
   * subject.
   */
  readonly label: string;
}

/** One durable consumer and the handler that its messages go to. */
export interface HandlerDefinition extends ConsumerDefinition {
  readonly handler: MessageHandler;
  /**
   * Further plain `@EventPattern` handlers of the subject. They share its consumer, and succeed or
   * are retried together.
   */
  readonly siblings?: readonly MessageHandler[] | undefined;
}
