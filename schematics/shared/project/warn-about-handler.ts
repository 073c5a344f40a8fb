import { createdApps } from '../source/created-apps';
import { parseFile } from '../source/parse';
import type { Logger, Tree } from '../source/tree';
import type { NestProject } from './nest-project';
import { warnWithoutTransport } from './transport-package';

/** Warns about a new handler that the application would not run. */
export function warnAboutHandler(tree: Tree, logger: Logger, project: NestProject): void {
  warnWithoutTransport(tree, logger, project);
  const { entryFile, isLibrary } = project;
  if (isLibrary || !tree.exists(entryFile)) return;
  const apps = createdApps(parseFile(tree, entryFile));
  if (apps.length === 0 || apps.some(({ kind }) => kind !== 'context')) return;
  logger.warn(
    `${entryFile} creates an application context, which runs no handlers. Create a microservice with NestFactory.createMicroservice(), and run nest add nest-jetstream again.`,
  );
}
