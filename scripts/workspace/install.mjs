import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../process/environment.mjs';
import { run } from '../process/run.mjs';
import { pinnedNodeFolder, root } from './root.mjs';

const readPackages = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;

/** Returns true if node_modules does not match package-lock.json. */
export function installIsMissing() {
  const record = join('node_modules', '.package-lock.json');
  if (!existsSync(join(root, record)) || !existsSync(pinnedNodeFolder)) return true;
  const installed = readPackages(record);
  return Object.entries(readPackages('package-lock.json')).some(([path, wanted]) => {
    if (path === '') return false;
    // npm skips packages for other platforms.
    if (installed[path] === undefined) return wanted.optional !== true && wanted.devOptional !== true;
    return installed[path].version !== wanted.version;
  });
}

/** Installs the exact versions in package-lock.json. */
export async function install() {
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, env: childEnvironment() });
}
