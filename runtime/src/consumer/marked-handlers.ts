import { copyMetadata } from '../message/method-report';
import type { ConsumerMark } from './jetstream-consumer.decorator';

const HANDLERS = 'nest-jetstream:handlers';

/** A method with `@JetStreamConsumer`. */
interface MarkedHandler {
  readonly method: string | symbol;
  readonly mark: ConsumerMark;
}

/** A handler of a class, either its own or inherited. */
export interface HandlerOfClass extends MarkedHandler {
  /**
   * Class that overrides the method without its own `@JetStreamConsumer`. Undefined if there is
   * none.
   */
  readonly overriddenBy: string | undefined;
}

/**
 * Stores the handler with its class, so that the server can find handlers that Nest did not
 * register. If a decorator above replaces the method later, the metadata of the handler is copied
 * to the replacement.
 */
export function rememberHandler(prototype: object, method: string | symbol, mark: ConsumerMark, handler: object): void {
  Reflect.defineMetadata(HANDLERS, [...handlersOfOwn(prototype), { method, mark }], prototype);
  // The class is complete after this turn, and Nest reads the metadata later.
  queueMicrotask(() => {
    const present: unknown = Reflect.getOwnPropertyDescriptor(prototype, method)?.value;
    if (typeof present === 'function' && present !== handler) copyMetadata(handler, present);
  });
}

/** Lists the handlers of a class, inherited ones included. */
export function handlersOfClass(prototype: object): HandlerOfClass[] {
  const found: HandlerOfClass[] = [];
  const overriding = new Map<string | symbol, string>();
  for (let at: object | null = prototype; at && at !== Object.prototype; at = Reflect.getPrototypeOf(at)) {
    const own = handlersOfOwn(at);
    for (const handler of own) {
      const overriddenBy = overriding.get(handler.method);
      if (!found.some(({ method }) => method === handler.method)) found.push({ ...handler, overriddenBy });
    }
    for (const method of Reflect.ownKeys(at)) {
      if (!overriding.has(method)) overriding.set(method, at.constructor.name);
    }
  }
  return found;
}

function handlersOfOwn(prototype: object): readonly MarkedHandler[] {
  return (Reflect.getOwnMetadata(HANDLERS, prototype) as readonly MarkedHandler[] | undefined) ?? [];
}
