import { EventPattern } from '@nestjs/microservices';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { PATTERN_METADATA } from '@nestjs/microservices/constants';
import { RpcParamtype } from '@nestjs/microservices/enums/rpc-paramtype.enum';
import {
  HandlerNotRegisteredError,
  PayloadPropertyError,
  SeveralPatternsError,
  UndecoratedPayloadError,
} from '../errors/handler.errors';
import { reporting, type Method } from '../message/method-report';
import { NATS_JETSTREAM } from '../transport-id';
import type { SubjectPattern } from '../subject/subject-pattern';
import type { SubjectTemplate } from '../subject/subject-template';
import type { AnySubject } from '../subject/event-subject';
import type { JetStreamTypeError } from '../subject/type-error.types';
import type { HandlerSubject, StatedHandlerSubject } from '../subject/subject-argument';
import { fromConnection } from './from-connection';
import { rememberHandler } from './marked-handlers';
import type { HandlerOptions } from './options/consumer-options';
import type { CheckedOptions } from './options/option-checks.types';
import type { CheckHandler, HandlerMethod } from './handler-signature.types';

/** Metadata of a handler with {@link JetStreamConsumer}, for `NatsJetStreamServer`. */
export interface ConsumerMark {
  readonly className: string;
  readonly method: string;
  readonly pattern: string;
  readonly options: HandlerOptions;
  /** Template with the captured tokens of the subject. */
  readonly template?: SubjectTemplate<string, unknown>;
  /** Subjects of a pattern. The handler receives no others. */
  readonly subjects?: readonly string[];
}

export const CONSUMER_MARK = 'nest-jetstream:consumer';

/**
 * Decorator that {@link JetStreamConsumer} returns. Exported so that a library can export its own
 * decorators.
 */
export type HandlerDecorator<Subject extends AnySubject, Options> = <Method extends HandlerMethod>(
  target: Prototype,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => HandlerVerdict<CheckHandler<Subject, Options, Method>>;

/** A prototype. The class itself, which a static method has as its target, is not assignable. */
export type Prototype = object & {
  readonly prototype?: JetStreamTypeError<'Nest does not call static methods. Remove static.'>;
};

/** A type error as the result makes the compiler report it in one line, with its message first. */
export type HandlerVerdict<Message> = Message extends string ? JetStreamTypeError<Message> : void;

/**
 * Decorates a controller method as the handler of its own durable consumer:
 *
 * ```ts
 * @JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created' })
 * async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext) {}
 * ```
 *
 * The message is acknowledged when the handler returns, and redelivered when it throws. The first
 * parameter must accept the event of the subject, or the method does not compile. The subject may
 * also be a pattern of `subjectPattern` or a template of `subjectTemplate`. {@link ContextOf} is
 * the type of its context.
 *
 * With `batch` the handler receives an array of events and a `NatsJetStreamBatchContext`:
 *
 * ```ts
 * @JetStreamConsumer(ORDER_CREATED, { batch: { size: 100, timeout: '1s' } })
 * async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext)
 * {}
 * ```
 */
export function JetStreamConsumer<
  TEvent = unknown,
  TSubject extends AnySubject = StatedHandlerSubject<TEvent>,
  const TOptions = unknown,
>(
  subject: HandlerSubject<TSubject>,
  options?: CheckedOptions<TOptions, TSubject>,
): HandlerDecorator<TSubject, TOptions>;
export function JetStreamConsumer(
  subject: string | SubjectTemplate<string, unknown> | SubjectPattern<string, never>,
  { connection, ...options }: HandlerOptions = {},
): (target: object, method: string | symbol, descriptor: PropertyDescriptor) => unknown {
  const place = connection === undefined ? {} : fromConnection(connection);
  const pattern = typeof subject === 'string' ? subject : subject.pattern;
  const source = subjectSource(subject);
  return (target, method, descriptor) => {
    const mark = { className: target.constructor.name, method: String(method), pattern, options, ...source };
    const handler = handlerOf(target, descriptor, mark);
    const bind: MethodDecorator = EventPattern<string>(pattern, NATS_JETSTREAM, { ...place, [CONSUMER_MARK]: mark });
    bind(target, method, Object.assign(descriptor, { value: reporting(handler) }));
    rememberHandler(target, method, mark, descriptor.value as object);
  };
}

function subjectSource(
  subject: string | SubjectTemplate<string, unknown> | SubjectPattern<string, never>,
): Pick<ConsumerMark, 'template' | 'subjects'> {
  if (typeof subject === 'string') return {};
  return 'subjects' in subject ? { subjects: subject.subjects } : { template: subject };
}

/**
 * Returns the decorated method, after checking that Nest will call it.
 * @throws HandlerNotRegisteredError (`HANDLER_NOT_REGISTERED`), SeveralPatternsError
 * (`SEVERAL_PATTERNS`), UndecoratedPayloadError (`UNDECORATED_PAYLOAD`), PayloadPropertyError
 * (`PAYLOAD_PROPERTY`)
 */
export function handlerOf(
  target: object,
  descriptor: PropertyDescriptor | undefined,
  mark: Pick<ConsumerMark, 'className' | 'method' | 'pattern'>,
  decorator = '@JetStreamConsumer',
): Method {
  const { method, pattern } = mark;
  if (typeof target === 'function') {
    const remedy = 'Remove static, so that it is a method of the controller';
    throw new HandlerNotRegisteredError(`${target.name}.${method}`, 'it is static', remedy, decorator);
  }
  const label = `${mark.className}.${method}`;
  const handler: unknown = descriptor?.value;
  if (typeof handler !== 'function') {
    const remedy = 'Write it as a method of the controller';
    throw new HandlerNotRegisteredError(label, 'it is not a method', remedy, decorator);
  }
  const parameters = decoratedParameters(target, method);
  if (isPayloadUndecorated(parameters)) throw new UndecoratedPayloadError(label);
  const property = payloadProperty(parameters);
  if (property !== undefined) throw new PayloadPropertyError(label, property);
  const others = Reflect.getOwnMetadata(PATTERN_METADATA, handler) as readonly unknown[] | undefined;
  if (others) throw new SeveralPatternsError(label, [pattern, ...others]);
  return handler as Method;
}

/** A parameter with a decorator. */
interface DecoratedParameter {
  readonly isPayload: boolean;
  readonly index: number;
  /** Property of the payload, as in `@Payload('id')`. */
  readonly data: unknown;
}

function decoratedParameters(prototype: object, method: string): readonly DecoratedParameter[] {
  const metadata: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, prototype.constructor, method);
  if (typeof metadata !== 'object' || metadata === null) return [];
  // Nest's keys are the kind and the index of the parameter, such as `3:0`.
  const parameters = Object.entries(metadata as Record<string, Omit<DecoratedParameter, 'isPayload'>>);
  return parameters.map(([key, { index, data }]) => ({
    isPayload: key.startsWith(`${RpcParamtype.PAYLOAD}:`),
    index,
    data,
  }));
}

/**
 * Returns true if the first parameter has no decorator and another one has. Nest then passes only
 * the decorated ones.
 */
function isPayloadUndecorated(parameters: readonly DecoratedParameter[]): boolean {
  return parameters.length > 0 && !parameters.some(({ index }) => index === 0);
}

/**
 * Returns the property that the first payload parameter receives, if it does not receive the event.
 * The compiler checks that its type is the one of the event.
 */
function payloadProperty(parameters: readonly DecoratedParameter[]): string | undefined {
  const [payload] = parameters.filter(({ isPayload }) => isPayload).toSorted((a, b) => a.index - b.index);
  return typeof payload?.data === 'string' ? payload.data : undefined;
}
