import { EventPattern } from '@nestjs/microservices';
import { NATS_JETSTREAM } from '../transport-id';
import type { SubjectOf } from '../subject/subject';
import type { BatchOptions } from './batch/batch-options';
import type { TakesBatch, TakesNoBatch } from './batch/takes-batch';
import type { ConsumerOptions, HandlerOptions } from './consumer-options';

interface OwnConsumerOptions<TEvent> extends ConsumerOptions<TEvent> {
  /**
   * Name of the consumer on the server, which keeps its position in the stream under it. Default: derived from the service's
   * `id`, the subject, class and method, so that renaming one of these begins a new position: give a name to be free to rename.
   * `true` derives it too; `false` keeps no position: each instance has a consumer of its own, which ends with it.
   */
  durable?: string | boolean;
}

export interface JetStreamConsumerOptions<TEvent = never> extends OwnConsumerOptions<TEvent> {
  /** Of {@link JetStreamBatchConsumerOptions}: without it the handler gets one event at a time. */
  batch?: undefined;
}

/** Options of a handler that gets many events at once. There is no order by key among them, nor an ordered consumer. */
export interface JetStreamBatchConsumerOptions extends Omit<OwnConsumerOptions<never>, 'orderBy' | 'orderedConsumer'> {
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
}

export const CONSUMER_MARK = 'nest-jetstream:consumer';

type HandlerMethod = (event: never, ...rest: never[]) => unknown;

/**
 * Any type when the method has no parameter, or its first takes the event, or nothing is known of the event. Else a
 * sentence, to which nothing is assignable, so that the compiler's error ends with it.
 */
type Takes<TEvent, Method extends HandlerMethod> = unknown extends TEvent
  ? unknown
  : Parameters<Method> extends []
    ? unknown
    : [TEvent] extends [Parameters<Method>[0]]
      ? unknown
      : "the handler's first parameter does not take this subject's event; for another order of parameters use @EventPattern<string>";

type HandlerDecorator<TEvent, Kind extends 'one' | 'batch'> = <Method extends HandlerMethod>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<Method> &
    (Kind extends 'batch'
      ? TakesBatch<TEvent, Parameters<Method>>
      : unknown extends TakesNoBatch<TEvent, Parameters<Method>>
        ? Takes<TEvent, Method>
        : TakesNoBatch<TEvent, Parameters<Method>>),
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
 * is the event: one that does not take the subject's event does not compile.
 *
 * With `batch` the handler gets many events at once, and a `NatsJetStreamBatchContext`:
 *
 * ```ts
 * @JetStreamConsumer(ORDER_CREATED, { batch: { size: 100, timeout: '1s' } })
 * async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext) {}
 * ```
 */
export function JetStreamConsumer<TEvent = unknown>(
  subject: SubjectOf<TEvent>,
  options: JetStreamBatchConsumerOptions,
): HandlerDecorator<NoInfer<TEvent>, 'batch'>;
// The last: what a compiler says of wrong options is about this one.
export function JetStreamConsumer<TEvent = unknown>(
  subject: SubjectOf<TEvent>,
  options?: JetStreamConsumerOptions<NoInfer<TEvent>>,
): HandlerDecorator<NoInfer<TEvent>, 'one'>;
export function JetStreamConsumer(subject: string, options: ConsumerMark['options'] = {}): MethodDecorator {
  return (target, method, descriptor) => {
    const mark: ConsumerMark = { className: target.constructor.name, method: String(method), options };
    const bind: MethodDecorator = EventPattern<string>(subject, NATS_JETSTREAM, { [CONSUMER_MARK]: mark });
    bind(target, method, descriptor);
  };
}
