import type { NatsContext } from '@nestjs/microservices';
import type { HandlerMethod, IsAny, IsContext, IsHandlerMethod, ResultOf } from '../consumer/handler-signature.types';
import type { NonDistributive } from '../subject/non-distributive';
import type { AnyRequest, ReplyOf, RequestOf } from '../subject/request-subject';

/**
 * Checks the parameters and the result of a responder. `unknown` if it accepts the request and
 * returns the reply, else an error message.
 */
export type CheckResponder<Subject extends AnyRequest, Method extends HandlerMethod> = NoInfer<
  Method extends (request: infer First, ...rest: infer Rest) => infer Returned
    ? unknown extends CheckRequest<RequestOf<Subject>, First, Rest>
      ? CheckReply<ReplyOf<Subject>, Returned>
      : CheckRequest<RequestOf<Subject>, First, Rest>
    : never
>;

type CheckRequest<Request, First, Rest extends unknown[]> =
  IsHandlerMethod<First, Rest> extends true
    ? unknown
    : NonDistributive<Request> extends NonDistributive<First>
      ? CheckContexts<Required<Rest>>
      : IsContext<First> extends true
        ? CheckContextFirst<Request, First, Required<Rest>>
        : 'The first parameter must accept the request, RequestOf<typeof REQUEST>.';

type CheckContextFirst<Request, First, Rest extends unknown[]> =
  unknown extends CheckContexts<[First]>
    ? Rest extends [infer Next, ...infer Others]
      ? NonDistributive<Request> extends NonDistributive<Next>
        ? CheckContexts<Others>
        : 'The parameter after the context must accept the request, RequestOf<typeof REQUEST>.'
      : unknown
    : CheckContexts<[First]>;

/** Checks the parameters after the request. Those that are not a context are not checked. */
type CheckContexts<Rest extends unknown[]> = true extends {
  [Index in keyof Rest]: NonDistributive<NatsContext> extends NonDistributive<Rest[Index]>
    ? never
    : IsContext<Rest[Index]>;
}[number]
  ? 'The context parameter of a responder must be a NatsContext of @nestjs/microservices.'
  : unknown;

type CheckReply<Reply, Returned> =
  IsAny<Returned> extends true
    ? unknown
    : [Returned] extends [never]
      ? unknown
      : [Returned] extends [{ next: unknown; return: unknown; throw: unknown }]
        ? 'The responder is a generator, so its body would not run. Make it an async function.'
        : NonDistributive<ResultOf<Awaited<Returned>>> extends NonDistributive<Reply>
          ? unknown
          : 'The responder must return the reply of this request, ReplyOf<typeof REQUEST>.';
