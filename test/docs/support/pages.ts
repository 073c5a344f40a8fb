import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..', '..');

// Written by changesets and npm.
const NOT_OURS = /^\.changeset\/|CHANGELOG\.md$|(^|\/)node_modules\//;

/** Returns the paths of all Markdown pages of the repository, uncommitted ones included. */
export function pages(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'];
  const files = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  return files.filter((file) => !NOT_OURS.test(file) && existsSync(join(ROOT, file)));
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}
