import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../../scripts/process/environment.mjs';
import { run } from '../../../scripts/process/run.mjs';
import { pinnedNodeFolder } from '../../../scripts/workspace/root.mjs';

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const LIMIT_MS = 120_000;

/**
 * Runs one program in a process of its own, so that the compiled code and the heap of one never
 * touch another's.
 * @returns its figures, which are the last line that it prints
 */
export async function runProgram(name, given, folder = PROGRAMS) {
  const args = [join(folder, `${name}.mjs`), JSON.stringify(given)];
  const env = childEnvironment({ firstOnPath: pinnedNodeFolder });
  const output = await run(join(pinnedNodeFolder, 'node'), args, { env, timeoutMs: LIMIT_MS });
  return JSON.parse(output.trim().split('\n').at(-1));
}
