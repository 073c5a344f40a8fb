import { compareVersions } from './version';

/** The version that is fetched when none is asked for. */
export const DEFAULT_VERSION = '2.15.1';

/** Older servers lack what the transport needs (consumer metadata, multiple filter subjects). */
export const SUPPORTED_FLOOR = '2.10.0';

export const DOCKER_COMMAND = `docker run --rm -p 4222:4222 nats:${DEFAULT_VERSION.replace(/\.\d+$/, '')}-alpine -js`;

// One entry for each maintained line that got the fix (https://advisories.nats.io, secnote-2026-13
// and -16); every other line below the last entry never got it.
const SECURITY_FLOORS: readonly { readonly line: string; readonly floor: string }[] = [
  { line: '2.11', floor: '2.11.16' },
  { line: '2.12', floor: '2.12.7' },
];
export const SECURITY_FLOOR = '2.14.0';

export function isSupported(version: string): boolean {
  return compareVersions(version, SUPPORTED_FLOOR) >= 0;
}

/** Why this version should be updated although it works; undefined when there is no reason. */
export function securityWarning(version: string): string | undefined {
  const line = SECURITY_FLOORS.find((entry) => version.startsWith(`${entry.line}.`));
  const floor = line?.floor ?? SECURITY_FLOOR;
  if (compareVersions(version, floor) >= 0) return undefined;
  return `nats-server ${version} has known security holes; use ${floor} or later.`;
}
