import { applyEdits, modify, parse, type FormattingOptions, type ModificationOptions } from 'jsonc-parser';
import type { Tree } from '../source/tree';

/**
 * Reads JSON with comments. Returns undefined if the file is missing or does not contain an object.
 */
export function readJson(tree: Tree, path: string): Record<string, unknown> | undefined {
  if (!tree.exists(path)) return undefined;
  const value: unknown = parse(tree.readText(path));
  return isRecord(value) ? value : undefined;
}

/**
 * Sets a value, or removes it if undefined. Keeps comments, indentation and line endings. Object
 * keys stay sorted.
 */
export function setJson(tree: Tree, path: string, keys: readonly (string | number)[], value: unknown): void {
  const text = tree.read(path)?.toString('utf8') ?? '{}\n';
  const options: ModificationOptions = { formattingOptions: formattingOf(text), getInsertionIndex: sortedIndex(keys) };
  const changed = applyEdits(text, modify(text, [...keys], value, options));
  if (changed === text && tree.exists(path)) return;
  if (tree.exists(path)) tree.overwrite(path, changed);
  else tree.create(path, changed);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a nested property if it is a string. */
export function stringAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = keys.reduce<unknown>((parent, key) => (isRecord(parent) ? parent[key] : undefined), value);
  return typeof found === 'string' ? found : undefined;
}

function sortedIndex(keys: readonly (string | number)[]): (properties: string[]) => number {
  const name = String(keys.at(-1));
  return (properties) => {
    if (keys.length === 1) return properties.length;
    const next = properties.findIndex((property) => property > name);
    return next === -1 ? properties.length : next;
  };
}

function formattingOf(text: string): FormattingOptions {
  const indent = /^(\t+| +)\S/m.exec(text)?.[1] ?? '  ';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol };
}
