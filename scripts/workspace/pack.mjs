import { join } from 'node:path';
import { childEnvironment } from '../process/environment.mjs';
import { run } from '../process/run.mjs';
import { root } from './root.mjs';

/**
 * Packs both built packages as they would be published.
 * @param {string} folder destination of the tarballs
 * @returns {Promise<string[]>} the paths of the tarballs
 */
export async function pack(folder) {
  // `prepack` would build once more for each package.
  const flags = ['--ignore-scripts', '--json', '--silent', '--include-workspace-root', '--workspaces'];
  const args = ['pack', ...flags, '--pack-destination', folder];
  const output = await run('npm', args, { cwd: root, env: childEnvironment() });
  // npm writes warnings to the same output before the JSON.
  const packed = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))));
  return packed.map(({ filename }) => join(folder, filename));
}
