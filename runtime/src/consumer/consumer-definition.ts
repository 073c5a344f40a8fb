import type { MessageHandler } from '@nestjs/microservices';
import type { SubjectMatcher } from '../subject/subject-template';
import type { ConsumerSettings } from './options/consumer-settings';

/** A consumer on the server. */
export interface ConsumerDefinition {
  readonly durable: string;
  /** Filter subjects of the consumer. They may have wildcards. */
  readonly subjects: readonly string[];
  /** Default: the streams that store the subjects. */
  readonly stream?: string;
  /** Let the server delete the consumer when it is no longer used. Default: false. */
  readonly ephemeral?: boolean;
  /**
   * Prefix of the delivery subject of a push consumer without `deliverTo`. Default `_INBOX`.
   */
  readonly inboxPrefix?: string | undefined;
  /** The `id` of the service. It marks the durable as owned by this service. */
  readonly service?: string | undefined;
  /** Template that returns the captured tokens of a subject, or the templates of a pattern. */
  readonly template?: SubjectMatcher | undefined;
  readonly settings: ConsumerSettings;
  /** Name of the handler in errors: `OrderCreatedConsumer.handle`, or its subject. */
  readonly handlerName: string;
  /**
   * Name of the consumer in logs: its durable and its handler, or only the handler without a
   * durable.
   */
  readonly label: string;
}

/** A consumer and its handler. */
export interface HandlerDefinition extends ConsumerDefinition {
  readonly handler: MessageHandler;
  /**
   * Other plain `@EventPattern` handlers of the subject. They share its consumer, and are retried
   * together.
   */
  readonly siblings?: readonly MessageHandler[] | undefined;
}

/** Returns the name of a consumer for telemetry. An ephemeral consumer has a random name. */
export function observedName({ durable, ephemeral = false, label }: ConsumerDefinition): string {
  return ephemeral ? label : durable;
}
