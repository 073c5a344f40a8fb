import type { MessageHandler } from '@nestjs/microservices';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { CONSUMER_OPTIONS, consumerSettings, type ConsumerOptions } from '../consumer/consumer-options';
import { assertDurableName, deriveDurableName } from '../consumer/durable-name';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { DuplicateDurableError, InvalidOptionError, MissingServiceIdError } from '../errors/configuration.errors';
import { assertSubjectPattern } from '../subject/subject-syntax';

export interface EventHandler {
  readonly subject: string;
  readonly handler: MessageHandler;
}

const KNOWN_OPTIONS = new Set(['durable', ...CONSUMER_OPTIONS]);

/** What Nest registered, as consumers: every mistake is found here, before anything is sent to the server. */
export function consumerDefinitions(
  handlers: readonly EventHandler[],
  serviceId: string | undefined,
  defaults: ConsumerOptions = {},
): HandlerDefinition[] {
  const claimed = new Map<string, string>();
  return handlers.map(({ subject, handler }) => {
    assertSubjectPattern(subject);
    const mark: ConsumerMark | undefined = handler.extras?.[CONSUMER_MARK];
    const label = mark ? `${mark.className}.${mark.method}` : `the handler of '${subject}'`;
    const { durable = derived(serviceId, subject, mark), ...options } = mark?.options ?? {};
    assertKnownOptions({ ...defaults, ...options }, label);
    assertDurableName(durable);
    const other = claimed.get(durable);
    if (other) throw new DuplicateDurableError(durable, other, label);
    claimed.set(durable, label);
    return { durable, subjects: [subject], handler, label, settings: consumerSettings(defaults, options) };
  });
}

function derived(serviceId: string | undefined, subject: string, mark: ConsumerMark | undefined): string {
  if (!serviceId) throw new MissingServiceIdError(subject);
  return deriveDurableName(serviceId, subject, ...(mark ? [`${mark.className}.${mark.method}`] : []));
}

/** An option that is not known would be ignored without a word otherwise, and somebody relies on it. */
function assertKnownOptions(options: object, label: string): void {
  for (const [option, value] of Object.entries(options)) {
    if (!KNOWN_OPTIONS.has(option)) {
      throw new InvalidOptionError(option, value, `${label} knows ${[...KNOWN_OPTIONS].join(', ')}`);
    }
  }
}
