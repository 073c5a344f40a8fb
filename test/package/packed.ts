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

/** Reads the package.json of a folder. */
export function readManifest(folder: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return manifest;
}

/** Returns the files that `npm publish` would send from a folder. */
export function packedFiles(folder: string): string[] {
  return packReport(folder).files.map(({ path }) => path);
}

/**
 * Returns the installed size in bytes of everything that `npm publish` would send from a folder.
 */
export function unpackedSize(folder: string): number {
  return packReport(folder).unpackedSize;
}

interface PackReport {
  readonly files: readonly { readonly path: string }[];
  readonly unpackedSize: number;
}

function packReport(folder: string): PackReport {
  const output = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json', '--silent'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const [report] = Object.values<PackReport>(JSON.parse(output));
  if (!report) throw new Error(`npm packs nothing in ${folder}.`);
  return report;
}
