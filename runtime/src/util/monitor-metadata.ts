import { InvalidOptionError } from '../errors/configuration.errors';
import { MILLIS_PER_UNIT } from '../errors/duration-text';
import { assertKnownOptions, isOptionsObject } from '../errors/options-object';
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
  const known = Object.keys(keys);
  if (!isOptionsObject(thresholds))
    throw new InvalidOptionError(option, thresholds, `pass an object with ${known.join(', ')}`);
  assertKnownOptions(thresholds, known, { path: `${option}.` });
  const metadata: Record<string, string> = {};
  for (const [name, [key, kind]] of Object.entries<readonly [string, string]>(keys)) {
    const value = (thresholds as Record<string, unknown>)[name];
    if (value === undefined) continue;
    metadata[PREFIX + key] =
      kind === 'duration' ? seconds(value, `${option}.${name}`) : count(value, `${option}.${name}`);
  }
  return { [`${PREFIX}enabled`]: 'true', ...metadata };
}

/**
 * Returns the thresholds in the metadata by their option. Durations are in milliseconds. Empty if
 * monitoring is disabled.
 */
export function monitorThresholds<Thresholds>(
  metadata: Readonly<Record<string, string>> | undefined,
  keys: MonitorKeys<Thresholds>,
): Partial<Record<keyof Thresholds & string, number>> {
  const thresholds: Partial<Record<keyof Thresholds & string, number>> = {};
  if (metadata?.[`${PREFIX}enabled`] !== 'true') return thresholds;
  for (const option of Object.keys(keys) as (keyof Thresholds & string)[]) {
    const [key, kind] = keys[option];
    const text = metadata[PREFIX + key];
    const value = text === undefined ? 0 : kind === 'duration' ? millisOf(text) : Number(text);
    // As in nats server check, 0 disables a threshold. Another program may have written any text.
    if (value > 0) thresholds[option] = value;
  }
  return thresholds;
}

const MILLIS_PER_GO_UNIT: Readonly<Record<string, number>> = {
  ...MILLIS_PER_UNIT,
  us: 1e-3,
  ns: 1e-6,
  w: 7 * 86_400_000,
};

/** Reads a duration of Go, such as `1h30m`. */
function millisOf(text: string): number {
  if (!/^([\d.]+[a-z]+)+$/.test(text)) return Number.NaN;
  return [...text.matchAll(/([\d.]+)([a-z]+)/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (MILLIS_PER_GO_UNIT[unit] ?? Number.NaN),
    0,
  );
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
