import { InvalidOptionError } from '../errors/configuration.errors';

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
