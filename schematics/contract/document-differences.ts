import { isRecord } from '../shared/edit/json-file';
import type { Document } from './json';

/** Returns true if both documents have the same content. Layout and order of keys do not matter. */
export function isSameDocument(left: Document, right: Document): boolean {
  return differences(left, right).length === 0;
}

/** Returns a line for each difference, such as `- channels/order.created/description: "text"`. */
export function differences(committed: unknown, current: unknown, path = ''): string[] {
  if (Object.is(committed, current)) return [];
  if (isTextList(committed) && isTextList(current)) return listDifferences(committed, current, path);
  if (Array.isArray(committed) && Array.isArray(current))
    return differences(byIndex(committed), byIndex(current), path);
  if (!isRecord(committed) || !isRecord(current)) {
    return [
      ...(committed === undefined ? [] : [`- ${path}: ${shortened(committed)}`]),
      ...(current === undefined ? [] : [`+ ${path}: ${shortened(current)}`]),
    ];
  }
  const keys = new Set([...Object.keys(committed), ...Object.keys(current)]);
  return [...keys].flatMap((key) =>
    differences(own(committed, key), own(current, key), path === '' ? key : `${path}/${key}`),
  );
}

/** Compares lists of names. Their order has no meaning. */
function listDifferences(committed: readonly string[], current: readonly string[], path: string): string[] {
  return [
    ...committed.filter((each) => !current.includes(each)).map((each) => `- ${path}: ${shortened(each)}`),
    ...current.filter((each) => !committed.includes(each)).map((each) => `+ ${path}: ${shortened(each)}`),
  ];
}

function byIndex(values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(values.entries());
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
