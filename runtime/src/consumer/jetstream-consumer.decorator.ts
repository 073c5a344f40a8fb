import { EventPattern } from '@nestjs/microservices';
import { NATS_JETSTREAM } from '../transport-id';
import type { SubjectTemplate } from '../subject/subject-template';
import type { AnySubject } from '../subject/event-subject';
import type { HandlerSubject, StatedSubject } from '../subject/subject-argument';
import type { HandlerOptions } from './consumer-options';
import { fromCluster } from './from-cluster';
import type { JetStreamConsumerOptions } from './handler-options';
import type { PossibleOptions } from './possible-options';
import type { HandlerMethod, Takes } from './takes-event';

/** What {@link JetStreamConsumer} leaves on a handler for `NatsJetStreamServer`. */
export interface ConsumerMark {
  readonly className: string;
  readonly method: string;
  readonly options: HandlerOptions & Pick<JetStreamConsumerOptions, 'durable'>;
  /** Gives the captured tokens of a message's subject. */
  readonly template?: SubjectTemplate<string, unknown>;
}

export const CONSUMER_MARK = 'nest-jetstream:consumer';

/** What {@link JetStreamConsumer} gives: exported so that a library can export decorators made of it. */
export type HandlerDecorator<Subject extends AnySubject, Options> = <Method extends HandlerMethod>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<Method> & Takes<Subject, Options, Method>,
) => void;

/**
 * Makes a controller's method the handler of a durable consumer of its own:
 *
 * ```ts
 * @JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created' })
 * async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext) {}
 * ```
 *
 * A message is acknowledged after the handler succeeded, and delivered again after it threw. The method's first parameter
 * is the event: one that does not take the subject's event does not compile. The subject may be a pattern, of `subjectPattern`,
 * or a template, of `subjectTemplate`: then {@link ContextOf} gives the context its type.
 *
 * With `batch` the handler gets many events at once, and a `NatsJetStreamBatchContext`:
 *
 * ```ts
 * @JetStreamConsumer(ORDER_CREATED, { batch: { size: 100, timeout: '1s' } })
 * async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext) {}
 * ```
 */
export function JetStreamConsumer<
  TEvent = unknown,
  TSubject extends AnySubject = StatedSubject<TEvent>,
  const TOptions = unknown,
>(
  subject: HandlerSubject<TSubject>,
  options?: PossibleOptions<TOptions, TSubject>,
): HandlerDecorator<TSubject, TOptions>;
export function JetStreamConsumer(
  subject: string | SubjectTemplate<string, unknown>,
  { cluster, ...options }: ConsumerMark['options'] & { cluster?: string } = {},
): MethodDecorator {
  const place = cluster === undefined ? {} : fromCluster(cluster);
  const [pattern, template] = typeof subject === 'string' ? [subject] : [subject.pattern, { template: subject }];
  return (target, method, descriptor) => {
    const mark: ConsumerMark = { className: target.constructor.name, method: String(method), options, ...template };
    const bind: MethodDecorator = EventPattern<string>(pattern, NATS_JETSTREAM, { ...place, [CONSUMER_MARK]: mark });
    bind(target, method, descriptor);
  };
}
