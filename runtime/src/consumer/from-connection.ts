import { InvalidOptionError } from '../errors/configuration.errors';

/** @throws InvalidOptionError (`INVALID_OPTION`) unless the name is a string that is not blank */
export function assertConnectionName(name: string): void {
  if (typeof name === 'string' && name.trim() !== '') return;
  throw new InvalidOptionError('connection', name, 'pass a non-empty name, or remove it for the default connection');
}

/** Key of the name that {@link fromConnection} stores in the extras of a handler. */
const CONNECTION_MARK = 'nest-jetstream:connection';

/**
 * Assigns a plain `@EventPattern` or `@MessagePattern` to the connection that is registered under
 * this name: `@MessagePattern('invoice.total', fromConnection('billing'))`. Without it, a handler
 * belongs to the default connection.
 * @throws InvalidOptionError (`INVALID_OPTION`) for a blank name
 */
export function fromConnection(name: string): Record<string, string> {
  assertConnectionName(name);
  return { [CONNECTION_MARK]: name };
}

/** Returns the connection in the extras of a handler, or undefined for the default one. */
export function connectionOf(extras: Readonly<Record<string, unknown>>): string | undefined {
  const connection = extras[CONNECTION_MARK];
  return typeof connection === 'string' ? connection : undefined;
}
