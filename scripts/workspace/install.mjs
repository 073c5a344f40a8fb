import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../process/environment.mjs';
import { run } from '../process/run.mjs';
import { pinnedNodeFolder, root } from './root.mjs';

const readPackages = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;

/**
 * Whether node_modules lacks something that package-lock.json names, or has another version of it.
 */
export function installIsMissing() {
  const record = join('node_modules', '.package-lock.json');
  if (!existsSync(join(root, record)) || !existsSync(pinnedNodeFolder)) return true;
  const installed = readPackages(record);
  return Object.entries(readPackages('package-lock.json')).some(([path, wanted]) => {
    if (path === '') return false;
    // npm leaves out what another platform needs.
    if (installed[path] === undefined) return wanted.optional !== true && wanted.devOptional !== true;
    return installed[path].version !== wanted.version;
  });
}

/** Installs exactly what package-lock.json names. */
export async function install() {
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, env: childEnvironment() });
}
