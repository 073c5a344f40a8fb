const VERSION = /\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/;

/** Returns the first version number in a text, without its `v`. */
export function findVersion(text: string): string | undefined {
  return VERSION.exec(text)?.[1];
}

/**
 * Returns a negative number if `a` is older than `b`, positive if it is newer. A pre-release is
 * older than its release.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  for (const [index, part] of left.numbers.entries()) {
    const difference = part - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.preRelease === right.preRelease) return 0;
  if (left.preRelease === '') return 1;
  if (right.preRelease === '') return -1;
  return left.preRelease < right.preRelease ? -1 : 1;
}

function split(version: string): { numbers: number[]; preRelease: string } {
  const [numbers = '', ...preRelease] = version.split('-');
  return { numbers: numbers.split('.').map(Number), preRelease: preRelease.join('-') };
}

/** Version that is downloaded by default. */
export const DEFAULT_VERSION = '2.15.1';

/** Oldest supported version. Older servers lack consumer metadata and multiple filter subjects. */
export const SUPPORTED_FLOOR = '2.10.0';

/** Image of the default version, with its latest patch. */
export const DOCKER_IMAGE = `nats:${DEFAULT_VERSION.replace(/\.\d+$/, '')}-alpine`;

export const DOCKER_COMMAND = `docker run --rm -p 4222:4222 ${DOCKER_IMAGE} -js`;

// One entry per maintained line with the fix (https://advisories.nats.io, secnote-2026-13 and -16).
// Other lines below the last entry never got it.
const SECURITY_FLOORS: readonly { readonly line: string; readonly floor: string }[] = [
  { line: '2.11', floor: '2.11.16' },
  { line: '2.12', floor: '2.12.7' },
];
export const SECURITY_FLOOR = '2.14.0';

export function isSupported(version: string): boolean {
  return compareVersions(version, SUPPORTED_FLOOR) >= 0;
}

/** Returns a warning for a version with known vulnerabilities. */
export function securityWarning(version: string): string | undefined {
  const line = SECURITY_FLOORS.find((entry) => version.startsWith(`${entry.line}.`));
  const floor = line?.floor ?? SECURITY_FLOOR;
  if (compareVersions(version, floor) >= 0) return undefined;
  return `nats-server ${version} has known vulnerabilities. Use ${floor} or later.`;
}
