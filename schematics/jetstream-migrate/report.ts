import { readJson, stringAt } from '../shared/edit/json-file';
import { PLUGIN_PACKAGE } from '../shared/project/plugin-package';
import type { Logger, Tree } from '../shared/source/tree';
import type { MigratedFile } from './migrated-file';

const GUIDE = 'https://github.com/nest-jetstream/nest-jetstream/blob/main/docs/migrating-from-nestjs-plugins.md';
const OLDEST_NEST = 11;

/** Logs the places that need a decision, one per line, and the next steps. */
export function report(tree: Tree, logger: Logger, files: readonly MigratedFile[], manifests: readonly string[]): void {
  if (files.length === 0) return logger.info(`No file imports ${PLUGIN_PACKAGE}. There is nothing to migrate.`);
  const places = [
    ...files.flatMap((file) =>
      file.decisionsIn(tree.readText(file.path)).map(({ line, sentence }) => `${file.path}:${line} ${sentence}`),
    ),
    ...manifests.flatMap((path) => oldNest(tree, path)),
  ];
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  logger.info(`${PLUGIN_PACKAGE} was replaced in ${count}.`);
  if (places.length > 0) logger.warn(['Decide about these places:', ...places.map((place) => `  ${place}`)].join('\n'));
  logger.info(['Next:', '  npx tsc --noEmit', '  npx nest-jetstream add', `Guide: ${GUIDE}`].join('\n'));
}

/** Returns the place of a version of Nest that the transport does not support. */
function oldNest(tree: Tree, path: string): string[] {
  const range = stringAt(readJson(tree, path), 'dependencies', '@nestjs/core');
  const major = Number(/^\D*(\d+)/.exec(range ?? '')?.[1] ?? OLDEST_NEST);
  if (range === undefined || major >= OLDEST_NEST) return [];
  const line =
    tree
      .readText(path)
      .split('\n')
      .findIndex((each) => each.includes('"@nestjs/core"')) + 1;
  return [
    `${path}:${line} The transport needs Nest 11 or 12. Upgrade Nest from ${range} before you start the application.`,
  ];
}
