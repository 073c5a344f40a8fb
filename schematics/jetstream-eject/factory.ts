import type { Rule } from '@angular-devkit/schematics';
import { readJson, setJson, stringAt } from '../shared/edit/json-file';
import { nestConfigPath } from '../shared/project/nest-project';

const OURS = 'nest-jetstream';
const STOCK = '@nestjs/schematics';

/**
 * `nest g jetstream-eject`: `nest g` is Nest's own again, so that nest-jetstream may be
 * uninstalled. The code stays.
 */
export function jetstreamEject(): Rule {
  return (tree, { logger }) => {
    const path = nestConfigPath(tree);
    const current = path === undefined ? undefined : stringAt(readJson(tree, path), 'collection');
    if (path === undefined || current === undefined || current === STOCK) return;
    if (current !== OURS) {
      logger.warn(`${path} uses the collection ${current}, which stays: it is not ours.`);
      return;
    }
    setJson(tree, path, ['collection'], STOCK);
    logger.info(
      `${path} uses ${STOCK} again: npm uninstall ${OURS} is safe now, and the generated code keeps running.`,
    );
  };
}
