import type { DeclaredEvent } from '../shared/event/declared-event';
import { camelCase } from '../shared/naming/words';

/**
 * Names that mean something else on a Nest provider: a `then`, for one, would make it a promise.
 */
const RESERVED = new Set([
  'constructor',
  'then',
  'client',
  'onModuleInit',
  'onModuleDestroy',
  'onApplicationBootstrap',
  'onApplicationShutdown',
  'beforeApplicationShutdown',
]);

/** `orderCreated` of `ORDER_CREATED`, numbered when the class has that name for something else. */
export function methodName({ constant }: Pick<DeclaredEvent, 'constant'>, taken: readonly string[]): string {
  const camel = camelCase(constant);
  const name = RESERVED.has(camel) ? `${camel}Event` : camel;
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}${number}`)) number += 1;
  return `${name}${number}`;
}
