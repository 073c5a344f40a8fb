import { InvalidOptionError } from './configuration.errors';
import { nearestName } from './nearest-name';

/**
 * Creates the error for an option that does not exist, with the nearest known name.
 * @param path the option as the user wrote it, such as `streamConfig.mirror.nam`
 * @param alias the name to suggest instead of the nearest one
 */
export function unknownOption(
  path: string,
  value: unknown,
  known: readonly string[],
  alias?: string,
): InvalidOptionError {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const meant = alias ?? nearestName(name, known);
  const suggestion = meant === undefined ? '' : ` Did you mean '${meant}'?`;
  const message = `Unknown option '${path}'.${suggestion} Known options: ${known.toSorted().join(', ')}.`;
  return new InvalidOptionError(path, value, 'remove it', message);
}
