/** A value of JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** An AsyncAPI document, or an object in it. */
export type Document = Record<string, Json>;

/** Escapes a key for a JSON pointer. */
export function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Returns a value by its own key. Keys such as `constructor` come from documents. */
export function ownValue(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
