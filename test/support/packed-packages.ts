import { join } from 'node:path';
import { runCommand } from './command';

const ROOT = join(__dirname, '..', '..');

/** Packs both built packages into a folder, as they would be published, and returns the tarballs' paths. */
export async function packPackages(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const source of [ROOT, join(ROOT, 'runtime')]) {
    const output = await runCommand(source, 'npm', 'pack', '--silent', '--pack-destination', folder);
    const name = output.trim().split('\n').at(-1);
    if (name === undefined) throw new Error(`npm packed nothing in ${source}.`);
    names.push(join(folder, name));
  }
  return names;
}
