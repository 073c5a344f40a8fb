import { EventPattern } from '@nestjs/microservices';
import { PATTERN_METADATA } from '@nestjs/microservices/constants';
import { HandlerNotRegisteredError, SeveralPatternsError } from '../errors/handler.errors';
import { reporting, type Method } from '../message/method-report';
import { NATS_JETSTREAM } from '../transport-id';
import type { SubjectTemplate } from '../subject/subject-template';
import type { AnySubject } from '../subject/event-subject';
import type { HandlerSubject, StatedSubject } from '../subject/subject-argument';
import { fromConnection } from './from-connection';
import { rememberHandler } from './marked-handlers';
import type { HandlerOptions } from './options/consumer-options';
import type { CheckedOptions } from './options/option-checks.types';
import type { HandlerMethod, Takes } from './handler-signature.types';

/** Metadata of a handler with {@link JetStreamConsumer}, for `NatsJetStreamServer`. */
export interface ConsumerMark {
  readonly className: string;
  readonly method: string;
  readonly pattern: string;
  readonly options: HandlerOptions;
  /** Gives the captured tokens of a message's subject. */
  readonly template?: SubjectTemplate<string, unknown>;
}

export const CONSUMER_MARK = 'nest-jetstream:consumer';

/**
 * Decorator that {@link JetStreamConsumer} returns. Exported so that a library can export
 * decorators made of it.
 */
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
 * A message is acknowledged after the handler succeeded, and delivered again after it threw. The
 * method's first parameter is the event: one that does not take the subject's event does not
 * compile. The subject may be a pattern, of `subjectPattern`, or a template, of `subjectTemplate`:
 * then {@link ContextOf} gives the context its type.
 *
 * With `batch` the handler gets many events at once, and a `NatsJetStreamBatchContext`:
 *
 * ```ts
 * @JetStreamConsumer(ORDER_CREATED, { batch: { size: 100, timeout: '1s' } })
 * async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext)
 * {}
 * ```
 */
export function JetStreamConsumer<
  TEvent = unknown,
  TSubject extends AnySubject = StatedSubject<TEvent>,
  const TOptions = unknown,
>(
  subject: HandlerSubject<TSubject>,
  options?: CheckedOptions<TOptions, TSubject>,
): HandlerDecorator<TSubject, TOptions>;
export function JetStreamConsumer(
  subject: string | SubjectTemplate<string, unknown>,
  { connection, ...options }: ConsumerMark['options'] & { connection?: string } = {},
): MethodDecorator {
  const place = connection === undefined ? {} : fromConnection(connection);
  const [pattern, template] = typeof subject === 'string' ? [subject] : [subject.pattern, { template: subject }];
  return (target, method, descriptor) => {
    const mark = { className: target.constructor.name, method: String(method), pattern, options, ...template };
    const handler = handlerOf(target, descriptor, mark);
    const bind: MethodDecorator = EventPattern<string>(pattern, NATS_JETSTREAM, { ...place, [CONSUMER_MARK]: mark });
    bind(target, method, Object.assign(descriptor, { value: reporting(handler) }));
    rememberHandler(target, method, mark, descriptor.value as object);
  };
}

/**
 * @throws HandlerNotRegisteredError (`HANDLER_NOT_REGISTERED`), SeveralPatternsError
 * (`SEVERAL_PATTERNS`)
 */
function handlerOf(target: object, descriptor: PropertyDescriptor | undefined, mark: ConsumerMark): Method {
  const { method, pattern } = mark;
  if (typeof target === 'function') {
    const remedy = 'Remove static, so that it is a method of the controller';
    throw new HandlerNotRegisteredError(`${target.name}.${method}`, 'it is static', remedy);
  }
  const label = `${mark.className}.${method}`;
  const handler: unknown = descriptor?.value;
  if (typeof handler !== 'function') {
    throw new HandlerNotRegisteredError(label, 'it is not a method', 'Write it as a method of the controller');
  }
  const others = Reflect.getOwnMetadata(PATTERN_METADATA, handler) as readonly unknown[] | undefined;
  if (others) throw new SeveralPatternsError(label, [pattern, ...others]);
  return handler as Method;
}
