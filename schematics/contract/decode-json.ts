import { visit, type JSONPath } from 'jsonc-parser';
import { isRecord } from '../shared/edit/json-file';

/** An integer in JSON that is long enough to lose digits as a number. */
const LONG_INTEGER = /(?:^|[[:,])\s*-?\d{16,}\s*(?:$|[\]},])/;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses JSON in UTF-8, as the transport does. An integer that a number cannot keep becomes a
 * bigint, because a handler reads another value. Undefined for other data.
 */
export function decodeJson(data: Uint8Array): { readonly value: unknown } | undefined {
  let text: string;
  let value: unknown;
  try {
    text = decoder.decode(data);
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!LONG_INTEGER.test(text)) return { value };
  try {
    return { value: withBigIntegers(value, text) };
  } catch {
    // The text is nested so deeply that its visitor fails.
    return { value };
  }
}

function withBigIntegers(value: unknown, text: string): unknown {
  const root = { value };
  visit(text, {
    onLiteralValue: (literal: unknown, offset, length, _line, _character, path) => {
      if (typeof literal !== 'number' || Number.isSafeInteger(literal)) return;
      const digits = text.slice(offset, offset + length);
      if (!/^-?\d+$/.test(digits) || isKept(digits)) return;
      replace(root, ['value', ...path()], literal, BigInt(digits));
    },
  });
  return root.value;
}

function isKept(digits: string): boolean {
  const read = Number(digits);
  return Number.isFinite(read) && BigInt(read) === BigInt(digits);
}

function replace(root: object, path: JSONPath, literal: number, replacement: bigint): void {
  const key = path.at(-1) ?? '';
  const parent = path.slice(0, -1).reduce<unknown>((each, step) => childOf(each, step), root);
  // A key may be in the text twice. The last one counts.
  if ((isRecord(parent) || Array.isArray(parent)) && Object.is(childOf(parent, key), literal))
    Object.defineProperty(parent, key, { value: replacement, enumerable: true, configurable: true, writable: true });
}

function childOf(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string | number, unknown>)[key];
}
