import { invalidOption } from '../shared/errors';

/**
 * Returns the given name of the service.
 * @throws SchematicError (`INVALID_OPTION`) for a name that a durable cannot start with
 */
export function serviceNameOption(value: string | number | undefined): string | undefined {
  if (value === undefined) return undefined;
  const name = String(value);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw invalidOption('name', name, 'must be at most 64 letters, digits, "-" and "_", such as shop.');
  }
  return name;
}
