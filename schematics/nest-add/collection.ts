import type { Logger, Tree } from '../shared/source/tree';
import { readJson, setJson, stringAt } from '../shared/edit/json-file';
import { nestConfigPath } from '../shared/project/nest-project';

const OURS = 'nest-jetstream';
const STOCK = '@nestjs/schematics';

/**
 * Makes `nest g` find our schematics. Our collection extends Nest's, so those stay available.
 * Another collection is not replaced, and a project without the Nest CLI is not changed.
 */
export function setCollection(tree: Tree, logger: Logger): void {
  const path = nestConfigPath(tree);
  if (path === undefined && !hasNestCli(tree)) return;
  const current = collectionOf(tree);
  if (current === undefined || current === STOCK) {
    setJson(tree, path ?? 'nest-cli.json', ['collection'], OURS);
    if (path === undefined) setJson(tree, 'nest-cli.json', ['sourceRoot'], 'src');
    return;
  }
  if (current !== OURS) {
    logger.warn(
      `nest-cli.json uses the collection ${current}, which was not changed. Generate with nest g -c ${OURS} jetstream-stream orders.`,
    );
  }
}

function hasNestCli(tree: Tree): boolean {
  const manifest = readJson(tree, 'package.json');
  return ['dependencies', 'devDependencies'].some((kind) => stringAt(manifest, kind, '@nestjs/cli') !== undefined);
}

/** Returns true if `nest g` finds our schematics. */
export function usesOurCollection(tree: Tree): boolean {
  return collectionOf(tree) === OURS;
}

function collectionOf(tree: Tree): string | undefined {
  const path = nestConfigPath(tree);
  return path === undefined ? undefined : stringAt(readJson(tree, path), 'collection');
}
