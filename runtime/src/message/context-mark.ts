import { hasBrand } from '../errors/brand';

const CONTEXT = Symbol.for('nest-jetstream:context');

/** Marks the context of a handler, or the prototype of contexts, as one of ours. */
export function markContext(context: object): void {
  Object.defineProperty(context, CONTEXT, { value: true });
}

/** Recognizes our contexts, also those of another copy of this package. */
export function isMarkedContext(value: unknown): value is object {
  return hasBrand(value, CONTEXT);
}
