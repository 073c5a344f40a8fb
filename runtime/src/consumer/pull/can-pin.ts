import { InvalidOptionError } from '../../errors/configuration.errors';
import type { ConsumerDefinition } from '../consumer-definition';

/** @throws InvalidOptionError (`INVALID_OPTION`) when the server is older than priority groups (2.11). */
export function assertCanPin(
  version: string | undefined,
  { settings, label }: Pick<ConsumerDefinition, 'settings' | 'label'>,
): void {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (!settings.pinned || major > 2 || (major === 2 && minor >= 11)) return;
  throw new InvalidOptionError(
    'orderAcross',
    'replicas',
    `${label} needs nats-server 2.11 or later, and this one is ${version}: update it, or leave out orderAcross and run one instance`,
  );
}
