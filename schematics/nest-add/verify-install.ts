import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installedVersion } from '../shared/project/installed-version';
import { packageManagerOf } from '../shared/project/package-manager';
import { TRANSPORT_PACKAGE } from '../shared/project/transport-package';
import type { Logger, Tree } from '../shared/source/tree';
import { newestUpTo } from './published-version';

/** Loads the installed transport as the application will, and logs a remedy if it does not load. */
export function verifyInstall(tree: Tree, logger: Logger, workspace = process.cwd()): void {
  // Yarn's Plug'n'Play resolves packages only in processes that yarn starts.
  if (existsSync(join(workspace, '.pnp.cjs'))) return;
  const program = `require(${JSON.stringify(TRANSPORT_PACKAGE)})`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: workspace, encoding: 'utf8' });
  if (status === 0) return;
  const [core, microservices] = ['@nestjs/core', '@nestjs/microservices'].map((name) =>
    installedVersion(tree, name, workspace),
  );
  if (core === undefined || microservices === undefined || newestUpTo(core, [microservices]) !== undefined) {
    const why = /^\w*Error.*/m.exec(stderr)?.[0] ?? `exit code ${status}`;
    logger.warn(`${TRANSPORT_PACKAGE} does not load (${why}). Install the dependencies again, and start the service.`);
    return;
  }
  const add = { npm: 'npm install', pnpm: 'pnpm add', yarn: 'yarn add', bun: 'bun add' }[packageManagerOf(tree)];
  logger.warn(
    `@nestjs/microservices ${microservices} does not load with @nestjs/core ${core}. Run ${add} "@nestjs/microservices@<=${core}", or update both.`,
  );
}
