import { requireServer } from '../../connection/required-server';
import { InvalidOptionError } from '../../errors/configuration.errors';
import type { ConsumerDefinition } from '../consumer-definition';

const PINS_SINCE = '2.11';

/** @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`): an older server takes the durable, and gives its messages to all. */
export function assertCanPin(
  version: string,
  { settings, label }: Pick<ConsumerDefinition, 'settings' | 'label'>,
): void {
  if (settings.pinned) requireServer(`give ${label} its orderAcross: 'instances'`, version, PINS_SINCE);
}

/** @throws InvalidOptionError (`INVALID_OPTION`) for a consumer that each instance has for itself. */
export function assertShared({ settings, ephemeral }: Pick<ConsumerDefinition, 'settings' | 'ephemeral'>): void {
  if (!settings.pinned || !ephemeral) return;
  throw new InvalidOptionError(
    'orderAcross',
    'instances',
    "with 'durable: false' each instance gets all messages: leave out either of them",
  );
}
