import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = join(__dirname, '..', 'plugin', 'fixtures');

/** Returns the files of a project that uses the plugin, in the shape of the plugin's examples. */
export function pluginProject(name: 'listener' | 'publisher'): Record<string, string> {
  const folder = join(FIXTURES, name);
  const sources = readdirSync(join(folder, 'src')).map((file) => `src/${file}`);
  return Object.fromEntries(
    ['package.json', ...sources].map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  );
}
