import { childEnvironment } from '../process/environment.mjs';
import { run } from '../process/run.mjs';
import { root } from './root.mjs';

/**
 * Builds both packages.
 * @param {string} [nodeFolder] the Node to build with; by default the shell's
 */
export async function build(nodeFolder) {
  await run('npm', ['run', 'build'], { cwd: root, env: childEnvironment({ firstOnPath: nodeFolder }) });
}
