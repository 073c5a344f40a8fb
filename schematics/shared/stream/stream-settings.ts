import { durationMillis, durationOption } from '../duration';
import { invalidOption } from '../errors';
import type { LiteralValue } from '../template/literal';
import type { StreamSchematicOptions } from './stream-options';

/** Settings of a stream that a user can choose. */
export const SETTING_NAMES = [
  'storage',
  'retention',
  'discard',
  'maxAge',
  'maxMessages',
  'maxBytes',
  'maxMessageSize',
  'duplicateWindow',
  'replicas',
] as const;

type SettingName = (typeof SETTING_NAMES)[number];
type DurationName = 'maxAge' | 'duplicateWindow';

/** Durations are strings with a unit. */
export type StreamSettings = Readonly<
  Partial<Record<Exclude<SettingName, DurationName>, LiteralValue> & Record<DurationName, string>>
>;

/** Options of `defineStream` with their values, in the order of the code. */
export type StreamEntries = readonly (readonly [option: string, value: LiteralValue])[];

const CHOICES = {
  storage: ['file', 'memory'],
  retention: ['limits', 'interest', 'workqueue'],
  discard: ['new', 'old'],
} as const;

// Most are the server's defaults. They are written because users look them up and change them in
// the generated file.
const DEFAULTS = {
  storage: 'file',
  retention: 'limits',
  discard: 'new',
  maxAge: '7d',
  duplicateWindow: '2m',
} as const satisfies StreamSettings;

const MAX_REPLICAS = 5;

/** @throws SchematicError (`INVALID_OPTION`) */
export function parseSettings(options: Pick<StreamSchematicOptions, SettingName>): StreamSettings {
  const settings = {
    ...choice('storage', options.storage),
    ...choice('retention', options.retention),
    ...choice('discard', options.discard),
    ...duration('maxAge', options.maxAge),
    ...count('maxMessages', options.maxMessages),
    ...count('maxBytes', options.maxBytes),
    ...count('maxMessageSize', options.maxMessageSize),
    ...duration('duplicateWindow', options.duplicateWindow),
    ...count('replicas', options.replicas, MAX_REPLICAS),
  };
  const { maxAge, duplicateWindow } = settings;
  if (maxAge !== undefined && duplicateWindow !== undefined && isLonger(duplicateWindow, maxAge))
    throw invalidOption('duplicateWindow', duplicateWindow, `must not be longer than maxAge (${maxAge}).`);
  return settings;
}

/** Returns the settings to write, in order. Those without a default are written only if set. */
export function settingEntries(settings: StreamSettings): (readonly [SettingName, LiteralValue])[] {
  const { maxAge } = settings;
  // The server refuses a duplicate window that is longer than maxAge.
  const isShort = maxAge !== undefined && isLonger(DEFAULTS.duplicateWindow, maxAge);
  const defaults: StreamSettings = isShort ? { ...DEFAULTS, duplicateWindow: maxAge } : DEFAULTS;
  return SETTING_NAMES.flatMap((name) => {
    const value = settings[name] ?? defaults[name];
    return value === undefined ? [] : [[name, value] as const];
  });
}

function isLonger(one: string, other: string): boolean {
  return durationMillis(one) > durationMillis(other);
}

function choice(option: keyof typeof CHOICES, value: string | undefined): StreamSettings {
  if (value === undefined) return {};
  const choices: readonly string[] = CHOICES[option];
  if (!choices.includes(value)) throw invalidOption(option, value, `must be one of ${choices.join(', ')}.`);
  return { [option]: value };
}

function duration(option: DurationName, value: string | undefined): StreamSettings {
  return value === undefined ? {} : { [option]: durationOption(option, value) };
}

function count(option: SettingName, value: number | undefined, max = Number.MAX_SAFE_INTEGER): StreamSettings {
  if (value === undefined) return {};
  if (!Number.isSafeInteger(value) || value < 1 || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? 'from 1' : `from 1 to ${max}`;
    throw invalidOption(option, value, `must be a whole number ${range}.`);
  }
  return { [option]: value };
}
