import { InvalidOptionError } from '../../errors/configuration.errors';
import type { ConsumerDefinition } from '../consumer-definition';

/** @throws InvalidOptionError (`INVALID_OPTION`) when the server is older than priority groups (2.11). */
export function assertCanPin(
  version: string | undefined,
  { settings, label }: Pick<ConsumerDefinition, 'settings' | 'label'>,
): void {
  if (!settings.pinned) return;
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= 11)) return;
  throw new InvalidOptionError(
    'orderAcross',
    'instances',
    `${label} needs nats-server 2.11 or later, and this one is ${version}: update it, or leave out orderAcross and run one instance`,
  );
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
