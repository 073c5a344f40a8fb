import { spawnSync } from 'node:child_process';

const LIMIT_MS = 15_000;

/**
 * Asks the registry for the newest version of a package that is not newer than `bound`, with the
 * same major version. The packages of Nest are not published together: some versions of
 * `@nestjs/core` have no `@nestjs/microservices`. Returns undefined if the registry does not
 * answer.
 */
export function newestPublished(name: string, bound: string, workspace: string): string | undefined {
  const { status, stdout } = spawnSync('npm', ['view', name, 'versions', '--json', '--fetch-retries=0'], {
    cwd: workspace,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    // On Windows, npm is a script.
    shell: process.platform === 'win32',
  });
  return status === 0 ? newestUpTo(bound, JSON.parse(stdout) as string[]) : undefined;
}

/** Returns the newest release up to `bound` with the same major version. */
export function newestUpTo(bound: string, versions: readonly string[]): string | undefined {
  const [major] = partsOf(bound);
  return versions
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version) && partsOf(version)[0] === major)
    .filter((version) => compare(version, bound) <= 0)
    .toSorted(compare)
    .at(-1);
}

function partsOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}

function compare(left: string, right: string): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
