import type { DeclaredEvent } from './declared-event';
import { camelCase } from '../naming/words';

/**
 * Names with a special meaning on a Nest provider. `then`, for example, would make it a thenable.
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

/** Returns `orderCreated` for `ORDER_CREATED`, numbered if the class already uses that name. */
export function methodName({ constant }: Pick<DeclaredEvent, 'constant'>, taken: readonly string[]): string {
  const camel = camelCase(constant);
  const name = RESERVED.has(camel) ? `${camel}Event` : camel;
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}${number}`)) number += 1;
  return `${name}${number}`;
}
