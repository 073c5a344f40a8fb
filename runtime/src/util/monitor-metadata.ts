import { InvalidOptionError } from '../errors/configuration.errors';
import { isOptionsObject } from '../errors/options-object';
import { durationMillis, type Duration } from './duration';

/** Prefix of metadata keys that `nats server check` and Synadia's tools read. */
const PREFIX = 'io.nats.monitor.';

/** Metadata key of each threshold, after the prefix, and its kind. */
export type MonitorKeys<Thresholds> = Readonly<
  Record<keyof Thresholds & string, readonly [key: string, kind: 'count' | 'duration']>
>;

/**
 * Returns the metadata of monitoring thresholds.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function monitorMetadata<Thresholds extends object>(
  thresholds: Thresholds,
  option: string,
  keys: MonitorKeys<Thresholds>,
): Record<string, string> {
  const known: ReadonlyMap<string, readonly [key: string, kind: string]> = new Map(Object.entries(keys));
  if (!isOptionsObject(thresholds))
    throw new InvalidOptionError(option, thresholds, `pass an object with ${[...known.keys()].join(', ')}`);
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(thresholds as Record<string, unknown>)) {
    if (value === undefined) continue;
    const [key, kind] = known.get(name) ?? [];
    if (key === undefined) throw InvalidOptionError.unknown(`${option}.${name}`, value, [...known.keys()]);
    metadata[PREFIX + key] =
      kind === 'duration' ? seconds(value, `${option}.${name}`) : count(value, `${option}.${name}`);
  }
  return { [`${PREFIX}enabled`]: 'true', ...metadata };
}

function count(value: unknown, option: string): string {
  if (Number.isSafeInteger(value) && (value as number) > 0) return String(value);
  throw new InvalidOptionError(option, value, 'pass a whole number from 1 up');
}

/** Writes a duration in a unit that Go has. */
function seconds(value: unknown, option: string): string {
  const millis = durationMillis(value as Duration, option);
  return millis % 1_000 === 0 ? `${millis / 1_000}s` : `${millis}ms`;
}
