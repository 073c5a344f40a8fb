import { durationOption } from '../shared/duration';
import { invalidOption } from '../shared/errors';
import type { LiteralValue } from '../shared/template/literal';
import type { ConsumerSchematicOptions } from './options';

/** Options of `@JetStreamConsumer` that a user can set, in the order in which they are written. */
export const SETTING_NAMES = [
  'durable',
  'concurrency',
  'batch',
  'manualAck',
  'ackWait',
  'maxDeliver',
  'retryDelay',
] as const;

type SettingName = (typeof SETTING_NAMES)[number];

/** Options of `@JetStreamConsumer` that the user has set, as they are written into the handler. */
export type ConsumerSettings = Readonly<Partial<Record<SettingName, LiteralValue>>>;

/** @throws SchematicError (`INVALID_OPTION`) */
export function parseSettings(options: Pick<ConsumerSchematicOptions, SettingName>): ConsumerSettings {
  const { durable, concurrency, batch, maxDeliver, ackWait, retryDelay } = options;
  // devkit passes an empty list for a list that was not given.
  const delays =
    typeof retryDelay === 'string' ? retryDelay.split(',').map((delay) => delay.trim()) : (retryDelay ?? []);
  return {
    ...(durable === undefined ? {} : { durable: durableOption(durable) }),
    ...(concurrency === undefined ? {} : { concurrency: positive('concurrency', concurrency) }),
    ...(batch === undefined ? {} : { batch: { size: batchSize(batch) } }),
    ...(options.manualAck === true ? { manualAck: true } : {}),
    ...(ackWait === undefined ? {} : { ackWait: durationOption('ackWait', ackWait) }),
    ...(maxDeliver === undefined ? {} : { maxDeliver: maxDeliver === -1 ? -1 : positive('maxDeliver', maxDeliver) }),
    ...(delays.length === 0 ? {} : { retryDelay: delays.map((delay) => durationOption('retryDelay', delay)) }),
  };
}

/** @throws SchematicError (`INVALID_OPTION`) */
export function durableOption(value: string): string {
  if (!/^[\p{L}\p{N}_-]{1,255}$/u.test(value))
    throw invalidOption('durable', value, 'must be letters, digits, "-" and "_".');
  return value;
}

/** Returns the argument of the decorator. The durable is always written. */
export function decoratorOptions(durable: string, settings: ConsumerSettings): Record<string, LiteralValue> {
  const written: ConsumerSettings = { ...settings, durable };
  return Object.fromEntries(
    SETTING_NAMES.flatMap((name) => {
      const value = written[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function positive(option: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw invalidOption(option, value, 'must be a whole number from 1.');
  return value;
}

// By default, the server leaves at most 1000 messages unacknowledged (maxAckPending).
function batchSize(value: number): number {
  if (positive('batch', value) <= 1_000) return value;
  throw invalidOption('batch', value, 'must be at most 1000. For larger batches, raise maxAckPending in the consumer.');
}
