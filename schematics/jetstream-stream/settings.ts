import { durationOption } from '../duration';
import { invalidOption } from '../errors';
import type { StreamSchematicOptions } from './options';

const CHOICES = {
  storage: ['file', 'memory'],
  retention: ['limits', 'interest', 'workqueue'],
  discard: ['new', 'old'],
} as const;

/** Written out although most are the server's defaults: the file is where one looks them up, and changes them. */
export function streamSettings(options: StreamSchematicOptions): (readonly [string, string])[] {
  return [
    ['storage', choice('storage', options.storage)],
    ['retention', choice('retention', options.retention)],
    ['discard', choice('discard', options.discard)],
    ['maxAge', durationOption('maxAge', options.maxAge ?? '7d')],
    ['duplicateWindow', durationOption('duplicateWindow', options.duplicateWindow ?? '2m')],
  ];
}

function choice(option: keyof typeof CHOICES, value: string | undefined): string {
  const choices: readonly string[] = CHOICES[option];
  const chosen = value ?? CHOICES[option][0];
  if (!choices.includes(chosen)) throw invalidOption(option, value, `must be one of ${choices.join(', ')}.`);
  return chosen;
}
