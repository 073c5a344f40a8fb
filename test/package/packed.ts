import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Manifest {
  readonly name: string;
  readonly exports?: unknown;
  readonly bin?: unknown;
  readonly main?: string;
  readonly types?: string;
  readonly typesVersions?: unknown;
  readonly schematics?: string;
}

/** The package.json of a folder. */
export function readManifest(folder: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return manifest;
}

/** The files that `npm publish` would send from a folder. */
export function packedFiles(folder: string): string[] {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--silent'], { cwd: folder, encoding: 'utf8' });
  const reports: Record<string, { files: { path: string }[] }> = JSON.parse(output);
  const [report] = Object.values(reports);
  if (!report) throw new Error(`npm packs nothing in ${folder}.`);
  return report.files.map(({ path }) => path);
}
