import type { HandlerOptions } from './consumer-options';
import { InvalidOptionError } from '../../errors/configuration.errors';
import { CONFLICTS } from './option-rules';
import { CONSUMER_OPTIONS } from './option-table';

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries(CONSUMER_OPTIONS).flatMap(([name, row]) =>
    'aliases' in row ? row.aliases.map((alias): [string, string] => [alias, name]) : [],
  ),
);

/**
 * Copies options, without undefined ones and with aliases replaced by the option names.
 * @throws InvalidOptionError (`INVALID_OPTION`) if an option is set under two names
 */
export function canonicalOptions(options: HandlerOptions): HandlerOptions {
  const copy: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const name = ALIASES.get(option) ?? option;
    if (name !== option && Reflect.get(options, name) !== undefined)
      throw InvalidOptionError.conflict(option, name, CONFLICTS.deliverPolicy.deliveryPolicy, value);
    copy[name] = option === 'filterSubject' ? [value] : value;
  }
  return copy;
}
