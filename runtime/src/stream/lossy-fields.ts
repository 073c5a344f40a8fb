import type { StreamConfig } from '@nats-io/jetstream';
import { InvalidOptionError } from '../errors/configuration.errors';

/** Options of `defineStream` whose change can drop messages, and their fields in nats.js's `StreamConfig`. */
const LOSSY_OPTIONS = {
  maxAge: 'max_age',
  maxMessages: 'max_msgs',
  maxBytes: 'max_bytes',
  maxMessageSize: 'max_msg_size',
  replicas: 'num_replicas',
  discard: 'discard',
  retention: 'retention',
} as const satisfies Record<string, keyof StreamConfig>;

/** An option of `defineStream` that may be named in its `allowDataLoss`. */
export type LossyStreamOption = keyof typeof LOSSY_OPTIONS;

/** A field of `streamConfig` that may be named in its `allowDataLoss`. */
export type LossyStreamField = (typeof LOSSY_OPTIONS)[LossyStreamOption] | 'max_msgs_per_subject';

const OPTIONS = Object.keys(LOSSY_OPTIONS) as readonly LossyStreamOption[];
const FIELDS: readonly LossyStreamField[] = [...Object.values(LOSSY_OPTIONS), 'max_msgs_per_subject'];

/** @throws InvalidOptionError (`INVALID_OPTION`) for a name that no change of can drop messages. */
export function lossyFieldsOf(options: readonly LossyStreamOption[] = []): readonly LossyStreamField[] {
  return options.map((option) => {
    if (OPTIONS.includes(option)) return LOSSY_OPTIONS[option];
    throw refused(option, OPTIONS);
  });
}

/** @throws InvalidOptionError (`INVALID_OPTION`), as {@link lossyFieldsOf} */
export function checkedLossyFields(fields: readonly LossyStreamField[] = []): readonly LossyStreamField[] {
  for (const field of fields) if (!FIELDS.includes(field)) throw refused(field, FIELDS);
  return [...fields];
}

/** The name of a field as `defineStream` has it, and as `streamConfig` has it where that differs. */
export function lossyName(field: string): string {
  const option = OPTIONS.find((name) => LOSSY_OPTIONS[name] === field) ?? field;
  return option === field ? `'${field}'` : `'${option}' ('${field}' in streamConfig)`;
}

function refused(name: unknown, names: readonly string[]): InvalidOptionError {
  return new InvalidOptionError('allowDataLoss', name, `a change can drop messages of these: ${names.join(', ')}`);
}
