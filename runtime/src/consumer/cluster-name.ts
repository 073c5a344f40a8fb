import { InvalidOptionError } from '../errors/configuration.errors';

/** @throws InvalidOptionError (`INVALID_OPTION`) unless it is a text that is not empty */
export function assertClusterName(option: string, name: string): void {
  if (typeof name === 'string' && name.trim() !== '') return;
  throw new InvalidOptionError(option, name, 'give the cluster a name, or leave it out for the one without');
}
