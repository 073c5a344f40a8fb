import { posix } from 'node:path';
import { invalidOption } from '../errors';

/**
 * The name that `nest g` was given, apart from the folder in front of it: `shop/orders` is `orders`
 * in `shop`.
 */
export interface NameInFolder {
  readonly name: string;
  readonly folder: string | undefined;
}

export function splitName(option: string, value: unknown, path?: string): NameInFolder {
  // The CLI hands numbers over as numbers.
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.trim() === '')
    throw invalidOption(option, value ?? '', 'is missing: type a name.');
  if (/[\0\\]/.test(text) || text.split('/').includes('..') || posix.isAbsolute(text)) {
    throw invalidOption(option, text, 'must be a name, with folders inside the source root in front of it at most.');
  }
  const { dir, base } = posix.parse(text.trim());
  const folder = [path, dir].filter((part) => part !== undefined && part !== '').join('/');
  return { name: base, folder: folder === '' ? undefined : folder };
}
