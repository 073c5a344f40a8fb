import type { SchematicContext } from '../shared/context';
import { literal } from '../shared/template/literal';
import type { ConsumerSettings } from './consumer-settings';

/** Warns about options that an existing handler does not have, because it is never changed. */
export function warnUnappliedOptions(
  { tree, logger }: Pick<SchematicContext, 'tree' | 'logger'>,
  path: string,
  settings: ConsumerSettings,
): void {
  const written = compact(tree.readText(path));
  const names = Object.entries(settings)
    .filter(([name, value]) => !written.includes(`${name}:${compact(literal(value))}`))
    .map(([name]) => name);
  if (names.length === 0) return;
  logger.warn(`${path} already exists and was not changed. Set ${names.join(', ')} there.`);
}

function compact(code: string): string {
  return code.replace(/\s/g, '').replaceAll('"', "'");
}
