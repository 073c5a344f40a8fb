import { posix } from 'node:path';
import { invalidOption } from '../errors';

/** A name with the folder before it. `shop/orders` is `orders` in `shop`. */
export interface NameInFolder {
  readonly name: string;
  readonly folder: string | undefined;
}

export function splitName(option: string, value: unknown, path?: string): NameInFolder {
  // The CLI passes numbers as numbers.
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.trim() === '')
    throw invalidOption(option, value ?? '', 'is empty. Pass a name.');
  if (/[\0\\]/.test(text) || text.split('/').includes('..') || posix.isAbsolute(text)) {
    throw invalidOption(option, text, 'must be a name, optionally after folders inside the source root.');
  }
  const { dir, base } = posix.parse(text.trim());
  const folder = [path, dir].filter((part) => part !== undefined && part !== '').join('/');
  return { name: base, folder: folder === '' ? undefined : folder };
}
