import { durationOption } from '../duration';
import { invalidOption } from '../errors';
import { kebabCase } from '../names/words';
import type { NestProject } from '../project/nest-project';
import type { LiteralValue } from '../template/literal';
import type { ConsumerSchematicOptions } from './options';

/** The options of `@JetStreamConsumer`: the durable always, all others only when asked for. */
export function consumerSettings(
  project: NestProject,
  subject: string,
  options: ConsumerSchematicOptions,
): Record<string, LiteralValue> {
  const { concurrency, ackWait, retryDelay } = options;
  // devkit hands an empty list over for one that was not given.
  const delays =
    typeof retryDelay === 'string' ? retryDelay.split(',').map((delay) => delay.trim()) : (retryDelay ?? []);
  return {
    durable: durable(options.durable ?? `${project.serviceName}-${kebabCase(subject)}`),
    ...(concurrency === undefined ? {} : { concurrency: positive(concurrency) }),
    ...(ackWait === undefined ? {} : { ackWait: durationOption('ackWait', ackWait) }),
    ...(delays.length === 0 ? {} : { retryDelay: delays.map((delay) => durationOption('retryDelay', delay)) }),
  };
}

function durable(value: string): string {
  if (!/^[\p{L}\p{N}_-]{1,255}$/u.test(value))
    throw invalidOption('durable', value, 'must be letters, digits, "-" and "_".');
  return value;
}

function positive(value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw invalidOption('concurrency', value, 'must be a whole number from 1.');
  return value;
}
