import { durationOption } from '../shared/duration';
import { invalidOption } from '../shared/errors';
import type { LiteralValue } from '../shared/template/literal';
import type { StreamSchematicOptions } from './options';

const CHOICES = {
  storage: ['file', 'memory'],
  retention: ['limits', 'interest', 'workqueue'],
  discard: ['new', 'old'],
} as const;

const MAX_REPLICAS = 5;

export type StreamSetting = readonly [option: string, value: LiteralValue];

/**
 * The usual ones are written out although most are the server's defaults: the file is where one
 * looks them up, and changes them.
 */
export function streamSettings(options: StreamSchematicOptions): StreamSetting[] {
  return [
    ['storage', choice('storage', options.storage)],
    ['retention', choice('retention', options.retention)],
    ['discard', choice('discard', options.discard)],
    ['maxAge', durationOption('maxAge', options.maxAge ?? '7d')],
    ...count('maxMessages', options.maxMessages),
    ...count('maxBytes', options.maxBytes),
    ...count('maxMessageSize', options.maxMessageSize),
    ['duplicateWindow', durationOption('duplicateWindow', options.duplicateWindow ?? '2m')],
    ...count('replicas', options.replicas, MAX_REPLICAS),
  ];
}

function choice(option: keyof typeof CHOICES, value: string | undefined): string {
  const choices: readonly string[] = CHOICES[option];
  const chosen = value ?? CHOICES[option][0];
  if (!choices.includes(chosen)) throw invalidOption(option, value, `must be one of ${choices.join(', ')}.`);
  return chosen;
}

/** Written only when asked for: without it there is no limit. */
function count(option: string, value: number | undefined, max = Number.MAX_SAFE_INTEGER): StreamSetting[] {
  if (value === undefined) return [];
  if (!Number.isSafeInteger(value) || value < 1 || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? 'from 1' : `from 1 to ${max}`;
    throw invalidOption(option, value, `must be a whole number ${range}.`);
  }
  return [[option, value]];
}
