import type { MessageHandler } from '@nestjs/microservices';
import type { ConsumerSettings } from './consumer-options';

/** One durable consumer and the handler that its messages go to. */
export interface ConsumerDefinition {
  readonly durable: string;
  /** Subject, or pattern with wildcards, that the consumer filters its stream by. */
  readonly subject: string;
  readonly settings: ConsumerSettings;
  readonly handler: MessageHandler;
  /** The handler as people know it, for logs and errors: `OrderCreatedConsumer.handle`, or the subject. */
  readonly label: string;
}
