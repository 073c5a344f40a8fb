import type { Rule } from '@angular-devkit/schematics';
import { readJson, setJson, stringAt } from '../shared/edit/json-file';
import { nestConfigPath } from '../shared/project/nest-project';

const OURS = 'nest-jetstream';
const STOCK = '@nestjs/schematics';

/**
 * `nest g jetstream-eject` restores Nest's own schematics, so that nest-jetstream can be
 * uninstalled. Generated code is kept.
 */
export function jetstreamEject(): Rule {
  return (tree, { logger }) => {
    const path = nestConfigPath(tree);
    const current = path === undefined ? undefined : stringAt(readJson(tree, path), 'collection');
    if (path === undefined || current === undefined || current === STOCK) return;
    if (current !== OURS) {
      logger.warn(
        `${path} uses the collection ${current}, which does not belong to nest-jetstream. It was not changed.`,
      );
      return;
    }
    setJson(tree, path, ['collection'], STOCK);
    logger.info(`${path} uses ${STOCK} again. You can run npm uninstall ${OURS}. The generated code keeps working.`);
  };
}
