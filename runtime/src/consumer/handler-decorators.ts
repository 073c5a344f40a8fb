/** A decorator that checks its method, such as the one of `JetStreamConsumer`. */
type CheckedDecorator = (target: never, method: never, descriptor: never) => unknown;

/**
 * Combines a decorator of a handler with others, and keeps its check of the method. Nest's
 * `applyDecorators` does not accept a decorator that checks its method.
 *
 * ```ts
 * export const OnOrderCreated = () =>
 *   handlerDecorators(JetStreamConsumer(ORDER_CREATED), UseGuards(TenantGuard));
 * ```
 *
 * The decorators apply as if they were written above the method in this order.
 */
export function handlerDecorators<Handler extends CheckedDecorator>(
  handler: Handler,
  ...others: readonly MethodDecorator[]
): Handler;
export function handlerDecorators(handler: CheckedDecorator, ...others: readonly MethodDecorator[]): MethodDecorator {
  return (target, method, descriptor) => {
    let decorated = descriptor;
    for (const decorate of others.toReversed()) decorated = decorate(target, method, decorated) ?? decorated;
    return (handler as MethodDecorator)(target, method, decorated) ?? decorated;
  };
}
