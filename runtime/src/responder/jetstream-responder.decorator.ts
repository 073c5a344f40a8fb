import { MessagePattern } from '@nestjs/microservices';
import { fromConnection } from '../consumer/from-connection';
import { handlerOf, type HandlerVerdict, type Prototype } from '../consumer/jetstream-consumer.decorator';
import type { HandlerMethod } from '../consumer/handler-signature.types';
import type { AnySubject } from '../subject/event-subject';
import type { AnyRequest, ResponderSubject } from '../subject/request-subject';
import { NATS_JETSTREAM } from '../transport-id';
import type { CheckResponder } from './responder-signature.types';

/** Options of {@link JetStreamResponder}. */
export interface JetStreamResponderOptions {
  /** Name of the connection that receives the requests. Default: the default connection. */
  connection?: string;
}

/**
 * Decorator that {@link JetStreamResponder} returns. Exported so that a library can export its own
 * decorators.
 */
export type ResponderDecorator<Subject extends AnySubject> = <Method extends HandlerMethod>(
  target: Prototype,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => HandlerVerdict<Subject extends AnyRequest ? CheckResponder<Subject, Method> : unknown>;

/**
 * Decorates a controller method as the handler of a request:
 *
 * ```ts
 * @JetStreamResponder(QUOTE_PRICE)
 * quote(@Payload() request: QuotePrice): QuotedPrice {
 *   return { cents: 500 };
 * }
 * ```
 *
 * The method receives the request over core NATS, like one with `@MessagePattern`, and not from
 * other transports of the application. Its first parameter must accept the request, and it must
 * return the reply, a promise or an Observable of it, or it does not compile. With a template of
 * `subjectTemplate.request`, `match` of the template returns the captured tokens of
 * `context.getSubject()`.
 * @throws HandlerNotRegisteredError (`HANDLER_NOT_REGISTERED`), SeveralPatternsError
 * (`SEVERAL_PATTERNS`), UndecoratedPayloadError (`UNDECORATED_PAYLOAD`), PayloadPropertyError
 * (`PAYLOAD_PROPERTY`), InvalidOptionError (`INVALID_OPTION`)
 */
export function JetStreamResponder<TSubject extends AnySubject>(
  subject: ResponderSubject<TSubject>,
  options?: JetStreamResponderOptions,
): ResponderDecorator<TSubject>;
export function JetStreamResponder(
  subject: string | { readonly pattern: string },
  { connection }: JetStreamResponderOptions = {},
): (target: object, method: string | symbol, descriptor: PropertyDescriptor) => unknown {
  const pattern = typeof subject === 'string' ? subject : subject.pattern;
  const place = connection === undefined ? {} : fromConnection(connection);
  return (target, method, descriptor) => {
    const handler = { className: target.constructor.name, method: String(method), pattern };
    handlerOf(target, descriptor, handler, '@JetStreamResponder');
    MessagePattern(pattern, NATS_JETSTREAM, place)(target, method, descriptor);
  };
}
