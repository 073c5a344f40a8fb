/**
 * `instanceof` that never throws: anything can be thrown in a handler, also a revoked proxy, which
 * throws at every look.
 */
export function isInstance<Instance>(
  value: unknown,
  ofClass: abstract new (...args: never[]) => Instance,
): value is Instance {
  try {
    return value instanceof ofClass;
  } catch {
    return false;
  }
}

/**
 * Tells whether a value carries one of our marks. A mark is a registered symbol, so it is the same
 * in each copy of this package that an application loads; `instanceof` is not. Never throws:
 * handlers may throw or return anything, also a revoked proxy.
 */
export function hasBrand(value: unknown, brand: symbol): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return Reflect.get(value, brand) === true;
  } catch {
    return false;
  }
}
