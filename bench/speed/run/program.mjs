import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../../scripts/process/environment.mjs';
import { run } from '../../../scripts/process/run.mjs';
import { pinnedNodeFolder } from '../../../scripts/workspace/root.mjs';

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const LIMIT_MS = 120_000;

/**
 * Runs a program in its own process, so that programs share no compiled code and no heap.
 * @returns its figures, which it prints as the last line
 */
export async function runProgram(name, given, folder = PROGRAMS) {
  const args = [join(folder, `${name}.mjs`), JSON.stringify(given)];
  const env = childEnvironment({ firstOnPath: pinnedNodeFolder });
  const output = await run(join(pinnedNodeFolder, 'node'), args, { env, timeoutMs: LIMIT_MS });
  return JSON.parse(output.trim().split('\n').at(-1));
}
