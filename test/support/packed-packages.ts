import { join } from 'node:path';
import { runCommand } from './command';

const ROOT = join(__dirname, '..', '..');

/** Packs both built packages as for publishing and returns the paths of the tarballs. */
export async function packPackages(folder: string): Promise<string[]> {
  return [await pack(ROOT, folder), await packTransport(folder)];
}

/** Packs the built transport alone and returns the path of the tarball. */
export async function packTransport(folder: string): Promise<string> {
  return pack(join(ROOT, 'runtime'), folder);
}

async function pack(source: string, folder: string): Promise<string> {
  const output = await runCommand(source, 'npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
  const name = output.trim().split('\n').at(-1);
  if (name === undefined) throw new Error(`npm packed nothing in ${source}.`);
  return join(folder, name);
}
