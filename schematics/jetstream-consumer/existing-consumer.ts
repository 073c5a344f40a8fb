import type { Workplace } from '../shared/context';
import { literal } from '../shared/template/literal';
import type { ConsumerSettings } from './consumer-settings';
import type { ConsumerSchematicOptions } from './options';

/** Says which options were asked for in vain: a handler that is there is the user's. */
export function sayWhatStays(
  { tree, context }: Workplace,
  path: string,
  settings: ConsumerSettings,
  options: ConsumerSchematicOptions,
): void {
  const written = compact(tree.readText(path));
  const others = Object.entries(settings).filter(
    ([name, value]) =>
      (name !== 'durable' || options.durable !== undefined) && !written.includes(`${name}:${compact(literal(value))}`),
  );
  if (others.length === 0) return;
  const names = others.map(([name]) => name).join(', ');
  context.logger.warn(`${path} is there already and stays as it is: set ${names} in it.`);
}

function compact(code: string): string {
  return code.replace(/\s/g, '').replaceAll('"', "'");
}
