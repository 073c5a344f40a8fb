import { durationOption } from '../shared/duration';
import { invalidOption } from '../shared/errors';
import { kebabCase } from '../shared/naming/words';
import type { LiteralValue } from '../shared/template/literal';
import type { ConsumerSchematicOptions } from './options';

/** The options of `@JetStreamConsumer`, as they are written out. */
export interface ConsumerSettings {
  readonly durable: string;
  readonly [option: string]: LiteralValue;
}

/** The durable always, which begins with the service's name, all others only when asked for. */
export function consumerSettings(service: string, name: string, options: ConsumerSchematicOptions): ConsumerSettings {
  const { concurrency, batch, maxDeliver, ackWait, retryDelay } = options;
  // devkit hands an empty list over for one that was not given.
  const delays =
    typeof retryDelay === 'string' ? retryDelay.split(',').map((delay) => delay.trim()) : (retryDelay ?? []);
  return {
    durable: durable(options.durable ?? `${service}-${kebabCase(name)}`),
    ...(concurrency === undefined ? {} : { concurrency: positive('concurrency', concurrency) }),
    ...(batch === undefined ? {} : { batch: { size: batchSize(batch) } }),
    ...(options.manualAck === true ? { manualAck: true } : {}),
    ...(ackWait === undefined ? {} : { ackWait: durationOption('ackWait', ackWait) }),
    ...(maxDeliver === undefined ? {} : { maxDeliver: maxDeliver === -1 ? -1 : positive('maxDeliver', maxDeliver) }),
    ...(delays.length === 0 ? {} : { retryDelay: delays.map((delay) => durationOption('retryDelay', delay)) }),
  };
}

function durable(value: string): string {
  if (!/^[\p{L}\p{N}_-]{1,255}$/u.test(value))
    throw invalidOption('durable', value, 'must be letters, digits, "-" and "_".');
  return value;
}

function positive(option: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw invalidOption(option, value, 'must be a whole number from 1.');
  return value;
}

// The server has a thousand messages unacknowledged at most, unless maxAckPending says otherwise.
function batchSize(value: number): number {
  if (positive('batch', value) <= 1_000) return value;
  throw invalidOption('batch', value, 'must be 1000 at most; for more, raise maxAckPending in the consumer.');
}
