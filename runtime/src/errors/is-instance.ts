/** `instanceof` that never throws: anything can be thrown in a handler, also a revoked proxy, which throws at every look. */
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
