import { EventPattern } from '@nestjs/microservices';
import { NATS_JETSTREAM } from '../transport-id';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { ContextOf } from '../message/context-of';
import type { AnySubject } from '../subject/event-subject';
import type { SubjectTemplate } from '../subject/subject-template';
import type { HandlerEvent, HandlerSubject, Inferred } from '../subject/subject-argument';
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
  /** Gives the captured tokens of a message's subject. */
  readonly template?: SubjectTemplate<string, unknown>;
}

export const CONSUMER_MARK = 'nest-jetstream:consumer';

type HandlerMethod = (event: never, ...rest: never[]) => unknown;

/**
 * Any type when the method takes what its messages are. Else a sentence, to which nothing is assignable, so that the
 * compiler's error ends with it.
 */
type Takes<Event, Context, Method extends HandlerMethod> =
  TakesEvent<Event, Parameters<Method>> extends true
    ? TakesContext<Context, Parameters<Method>> extends true
      ? unknown
      : "the handler's context is not of this subject: use ContextOf<typeof SUBJECT>"
    : "the handler's first parameter does not take this subject's event; for another order of parameters use @EventPattern<string>";

/** Of a handler that states its event type, only that much is known. */
type HandlerContext<Subject extends AnySubject, Event> = [Event] extends [Inferred]
  ? ContextOf<Subject>
  : NatsJetStreamContext;

/** True also of a method without parameters, and where nothing is known of the event. */
type TakesEvent<Event, Given extends unknown[]> = unknown extends Event
  ? true
  : Given extends []
    ? true
    : [Event] extends [Given[0]]
      ? true
      : false;

/** A second parameter that is no context is the user's own matter. */
type TakesContext<Context, Given extends unknown[]> = Given extends [unknown, infer Second, ...unknown[]]
  ? [Second] extends [NatsJetStreamContext]
    ? [Context] extends [Second]
      ? true
      : false
    : true
  : true;

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
 */
export function JetStreamConsumer<TEvent = Inferred, TSubject extends AnySubject = string>(
  subject: HandlerSubject<TSubject, TEvent>,
  { cluster, ...options }: JetStreamConsumerOptions<HandlerEvent<TSubject, TEvent>> = {},
) {
  const place = cluster === undefined ? {} : fromCluster(cluster);
  return <Method extends HandlerMethod>(
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<Method> &
      Takes<HandlerEvent<TSubject, TEvent>, HandlerContext<TSubject, TEvent>, Method>,
  ): void => {
    const given: AnySubject = subject;
    const mark: ConsumerMark = {
      className: target.constructor.name,
      method: String(method),
      options,
      ...(typeof given === 'string' ? {} : { template: given as SubjectTemplate<string, unknown> }),
    };
    const pattern = typeof given === 'string' ? given : given.pattern;
    const bind: MethodDecorator = EventPattern<string>(pattern, NATS_JETSTREAM, { ...place, [CONSUMER_MARK]: mark });
    bind(target, method, descriptor);
  };
}
