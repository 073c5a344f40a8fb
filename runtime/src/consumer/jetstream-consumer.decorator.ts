import { EventPattern } from '@nestjs/microservices';
import { NATS_JETSTREAM } from '../transport-id';
import type { SubjectTemplate } from '../subject/subject-template';
import type { AnySubject } from '../subject/event-subject';
import type { HandlerSubject, StatedSubject } from '../subject/subject-argument';
import type { EventOf } from '../subject/subject-member';
import type { BatchOptions } from './batch/batch-options';
import type { ConsumerOptions, HandlerOptions } from './consumer-options';
import { fromCluster } from './from-cluster';
import type { PossibleOptions } from './possible-options';
import type { HandlerMethod, Takes } from './takes-event';

interface OwnConsumerOptions<TEvent> extends ConsumerOptions<TEvent> {
  /**
   * Name of the consumer on the server, which keeps its position in the stream under it. Default: derived from the service's
   * `id`, the subject, class and method, so that renaming one of these begins a new position: give a name to be free to rename.
   * `true` derives it too; `false` keeps no position: each instance has a consumer of its own, which ends with it.
   */
  durable?: string | boolean;
  /** The `name` of the registration whose server this handler belongs to. Default: the one without a name. */
  cluster?: string;
}

/** Options of a handler that gets one event at a time. */
export interface JetStreamConsumerOptions<TEvent = never> extends OwnConsumerOptions<TEvent> {
  /** Of {@link JetStreamBatchConsumerOptions}: without it the handler gets one event at a time. */
  batch?: undefined;
}

/** Options of a handler that gets many events at once. There is no order by key among them, nor an ordered consumer. */
export interface JetStreamBatchConsumerOptions extends Omit<
  OwnConsumerOptions<never>,
  'orderBy' | 'orderAcross' | 'orderedConsumer'
> {
  /**
   * The handler gets an array: as soon as `size` events are there, or when the first of them has waited for `timeout` (default 1 s).
   * `concurrency` and `timeout` then are of batches; everything else, such as `maxDeliver` and dead letters, stays of each message.
   */
  batch: BatchOptions;
}

/** What {@link JetStreamConsumer} leaves on a handler for `NatsJetStreamServer`. */
export interface ConsumerMark {
  readonly className: string;
  readonly method: string;
  readonly options: HandlerOptions & Pick<JetStreamConsumerOptions, 'durable'>;
  /** Gives the captured tokens of a message's subject. */
  readonly template?: SubjectTemplate<string, unknown>;
}

export const CONSUMER_MARK = 'nest-jetstream:consumer';

/** What options are compared with. Where a call states its event type, nothing is known of them: they may be of either kind. */
type OptionsLike<Given, Event> = unknown extends Given
  ? OwnConsumerOptions<Event> & { batch?: BatchOptions | undefined }
  : Given extends { readonly batch: object; readonly orderedConsumer?: false }
    ? JetStreamBatchConsumerOptions
    : JetStreamConsumerOptions<Event>;

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
  options?: PossibleOptions<TOptions, OptionsLike<TOptions, EventOf<TSubject>>>,
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
