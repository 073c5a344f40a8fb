// A browser for the tests of the board: Chromium of this machine, or Debian's package.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../process/run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const INSTALL_LIMIT_MS = 5 * 60_000;

/**
 * Provides Chromium. Uses an installed one. In CI on Debian as root, installs it. Never fails:
 * without a browser, `env` is empty and `note` has the reason.
 * @returns {Promise<{ env: Record<string, string>, note: string }>}
 */
export async function provideChromium() {
  try {
    const path = findChromium() ?? (await install());
    return { env: { CHROMIUM: path }, note: path };
  } catch (error) {
    return { env: {}, note: `none, tests that need a browser are skipped. ${error.message}` };
  }
}

function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));
}

async function install() {
  const isDebian = process.platform === 'linux' && existsSync('/etc/debian_version');
  if (process.env.CI !== 'true' || !isDebian || process.getuid() !== 0)
    throw new Error('Install chromium, or set CI=true on Debian as root to install it for the run.');
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: INSTALL_LIMIT_MS };
  await run('apt-get', ['-qq', 'update'], options);
  await run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', 'chromium'], options);
  const path = findChromium();
  if (path === undefined) throw new Error("Debian's package has no chromium on PATH.");
  return path;
}
