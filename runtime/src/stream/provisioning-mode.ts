import { InvalidOptionError } from '../errors/configuration.errors';

/**
 * What a start may do to the server. `'apply'`: create what is missing, update what is harmless,
 * refuse the rest. `'verify'`: change nothing, and end when anything differs. `'none'`: compare
 * nothing, create nothing, bind to what is there.
 */
export type ProvisioningMode = 'apply' | 'verify' | 'none';

const MODES: readonly unknown[] = ['apply', 'verify', 'none'] satisfies ProvisioningMode[];

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function provisioningMode(mode: ProvisioningMode = 'apply'): ProvisioningMode {
  if (MODES.includes(mode)) return mode;
  throw new InvalidOptionError('provisioning', mode, `give one of ${MODES.join(', ')}`);
}
