const VERSION = /\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/;

/** The first version number in a text, without its `v`; undefined when there is none. */
export function findVersion(text: string): string | undefined {
  return VERSION.exec(text)?.[1];
}

/**
 * Negative when `a` is older than `b`, positive when it is newer. A pre-release is older than its
 * release.
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
