import { InvalidOptionError } from '../errors/configuration.errors';

/**
 * Changes that startup makes on the server. `'apply'` creates missing streams and durables, applies
 * harmless updates, and fails on other differences. `'verify'` changes nothing, and fails on any
 * difference. `'none'` binds to existing streams and durables without a comparison.
 */
export type ProvisioningMode = 'apply' | 'verify' | 'none';

const MODES: readonly unknown[] = ['apply', 'verify', 'none'] satisfies ProvisioningMode[];

/**
 * Returns the checked mode, or its default.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function provisioningMode(mode: ProvisioningMode = 'apply'): ProvisioningMode {
  if (MODES.includes(mode)) return mode;
  throw new InvalidOptionError('provisioning', mode, "pass 'apply', 'verify' or 'none'");
}
