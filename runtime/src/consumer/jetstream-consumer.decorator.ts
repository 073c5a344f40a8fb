import { EventPattern } from '@nestjs/microservices';
import { NATS_JETSTREAM } from '../transport-id';
import type { SubjectOf } from '../subject/subject';
import type { ConsumerOptions } from './consumer-options';
import { fromCluster } from './from-cluster';

export interface JetStreamConsumerOptions<TEvent = never> extends ConsumerOptions<TEvent> {
  /**
   * Name of the consumer on the server, which keeps its position in the stream under it. Default: derived from the service's
   * `id`, the subject, class and method, so that renaming one of these begins a new position: give a name to be free to rename.
   * `true` derives it too; `false` keeps no position: each instance has a consumer of its own, which ends with it.
   */
  durable?: string | boolean;
  /** The `name` of the registration whose server this handler belongs to. Default: the one without a name. */
  cluster?: string;
}

/** What {@link JetStreamConsumer} leaves on a handler for `NatsJetStreamServer`. */
export interface ConsumerMark {
  readonly className: string;
  readonly method: string;
  readonly options: Omit<JetStreamConsumerOptions, 'cluster'>;
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
 */
export function JetStreamConsumer<TEvent = unknown>(
  subject: SubjectOf<TEvent>,
  { cluster, ...options }: JetStreamConsumerOptions<NoInfer<TEvent>> = {},
) {
  const place = cluster === undefined ? {} : fromCluster(cluster);
  return <Method extends HandlerMethod>(
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<Method> & Takes<NoInfer<TEvent>, Method>,
  ): void => {
    const mark: ConsumerMark = { className: target.constructor.name, method: String(method), options };
    const bind: MethodDecorator = EventPattern<string>(subject, NATS_JETSTREAM, { ...place, [CONSUMER_MARK]: mark });
    bind(target, method, descriptor);
  };
}
