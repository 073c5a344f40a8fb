import { createHash } from 'node:crypto';
import { InvalidOptionError } from '../errors/configuration.errors';

const READABLE_LENGTH = 80;

/**
 * Derives a name that is valid on the server, the same at every start, and different for different
 * parts. Invalid characters are replaced, and a hash of the parts keeps similar names apart.
 */
export function derivedName(...parts: readonly string[]): string {
  const readable = parts
    .join('-')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, READABLE_LENGTH);
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
  return `${readable}-${hash}`;
}

/**
 * Checks a name that is one token of a subject, such as that of a stream, a durable or a group.
 * @param owner such as `a stream name`
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function assertName(name: string, option: string, owner: string): void {
  if (typeof name === 'string' && /^[^\s.*>/\\\p{Cc}]+$/u.test(name)) return;
  throw new InvalidOptionError(option, name, `${owner} has no white space, '.', '*', '>', '/' or '\\'`);
}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function assertDurableName(durable: string): void {
  assertName(durable, 'durable', 'a durable name');
}
