const recorded: { readonly value: unknown; readonly before: unknown }[] = [];

/** Freezes a value deeply and records it for {@link expectUnchanged}. */
export function frozen<T>(value: T): T {
  recorded.push({ value: freeze(value), before: copyOf(value) });
  return value;
}

/**
 * Compares frozen values with their earlier state, because freezing does not protect values such as
 * a `Date`. Returns how many values were compared.
 */
export function expectUnchanged(): number {
  const values = recorded.splice(0);
  for (const { value, before } of values) expect(value).toEqual(before);
  return values.length;
}

function freeze<T>(value: T): T {
  if (!isPlain(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}

function copyOf(value: unknown): unknown {
  if (value instanceof Date) return new Date(value);
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copyOf(inner)]));
}

function isPlain(value: unknown): value is object {
  return Array.isArray(value) || (typeof value === 'object' && value?.constructor === Object);
}
