import type { ModulesContainer } from '@nestjs/core';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { handlersOfClass, type HandlerOfClass } from '../consumer/marked-handlers';
import { HandlerNotRegisteredError, SeveralPatternsError } from '../errors/handler.errors';
import { OptionProblems } from '../errors/option-problems';

type Extras = Readonly<Record<string, unknown>>;
type Wrapper = ModulesContainer extends Map<string, { readonly providers: Map<unknown, infer Each> }> ? Each : never;

/** Finds methods with `@JetStreamConsumer` that Nest did not offer to the server. */
export class OfferedHandlers {
  private readonly marks = new Set<ConsumerMark>();
  private readonly problems = new OptionProblems();

  add(pattern: string, isEventHandler: boolean, extras: Extras): void {
    const mark = extras[CONSUMER_MARK] as ConsumerMark | undefined;
    if (!mark) return;
    this.marks.add(mark);
    if (isEventHandler && mark.pattern === pattern) return;
    this.problems.try(() => {
      throw new SeveralPatternsError(labelOf(mark), [mark.pattern, pattern]);
    });
  }

  /**
   * Checks the controllers and providers of an application.
   * @throws HandlerNotRegisteredError (`HANDLER_NOT_REGISTERED`), SeveralPatternsError
   * (`SEVERAL_PATTERNS`), or InvalidOptionsError (`INVALID_OPTIONS`) with several of them
   */
  assertComplete(modules: ModulesContainer | undefined): void {
    for (const { name, controllers, providers } of modules?.values() ?? []) {
      for (const wrapper of controllers.values()) this.check(wrapper, missingInController);
      for (const wrapper of providers.values())
        this.check(wrapper, (handler, of) => missingInProvider(handler, of, name));
    }
    this.problems.throwIfAny();
  }

  private check(
    wrapper: Wrapper,
    missing: (handler: HandlerOfClass, className: string) => HandlerNotRegisteredError,
  ): void {
    const prototype = prototypeOf(wrapper);
    if (!prototype) return;
    for (const handler of handlersOfClass(prototype)) {
      if (this.marks.has(handler.mark) && handler.overriddenBy === undefined) continue;
      this.problems.try(() => {
        throw missing(handler, prototype.constructor.name);
      });
    }
  }
}

function missingInController({ mark, method, overriddenBy }: HandlerOfClass): HandlerNotRegisteredError {
  if (overriddenBy !== undefined) {
    return new HandlerNotRegisteredError(
      labelOf(mark),
      `class ${overriddenBy} overrides it without a decorator`,
      `Add @JetStreamConsumer to ${overriddenBy}.${String(method)}`,
    );
  }
  return new HandlerNotRegisteredError(
    labelOf(mark),
    typeof method === 'symbol' ? 'its name is a symbol' : 'another decorator replaced it',
    typeof method === 'symbol' ? 'Give the method a name' : 'Place @JetStreamConsumer above that decorator',
  );
}

function missingInProvider(
  { mark, method }: HandlerOfClass,
  className: string,
  module: string,
): HandlerNotRegisteredError {
  return new HandlerNotRegisteredError(
    `${className}.${String(method)}`,
    `${className} is a provider of ${module}, and Nest looks for handlers in controllers only`,
    `Move ${className} to 'controllers' of ${module}${className === mark.className ? '' : `, or ${mark.className} if it has the handler`}`,
  );
}

/** Prototype of a class, or of the value that a factory or `useValue` provides. */
function prototypeOf({ metatype, inject, instance }: Wrapper): object | undefined {
  if (typeof metatype === 'function' && !inject) return metatype.prototype as object | undefined;
  const value: unknown = instance;
  return typeof value === 'object' && value !== null ? (Reflect.getPrototypeOf(value) ?? undefined) : undefined;
}

function labelOf({ className, method }: ConsumerMark): string {
  return `${className}.${method}`;
}
