import { invalidOption } from '../shared/errors';

/**
 * The name of the service as asked for. @throws SchematicError for what a durable's name cannot
 * begin with.
 */
export function serviceNameOption(value: string | number | undefined): string | undefined {
  if (value === undefined) return undefined;
  const name = String(value);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw invalidOption('name', name, 'must be at most 64 letters, digits, "-" and "_", e.g. shop.');
  }
  return name;
}
