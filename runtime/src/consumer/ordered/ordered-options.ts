import type { ConsumerOptions, HandlerOptions } from '../consumer-options';
import type { OptionProblems } from '../../errors/option-problems';

const ACKNOWLEDGES = 'an ordered consumer acknowledges nothing, and nothing is delivered again';
const IN_ORDER = 'an ordered consumer handles one message after the other';
const ALONE = 'an ordered consumer pulls, and shares its messages with nobody';
const TEMPORARY = 'the server keeps an ordered consumer in memory, for this process alone';

/** What an ordered consumer cannot have, and why. */
export const ORDERED_EXCLUDES = {
  ackPolicy: ACKNOWLEDGES,
  ackWait: ACKNOWLEDGES,
  ackMode: ACKNOWLEDGES,
  maxAckPending: ACKNOWLEDGES,
  maxDeliver: ACKNOWLEDGES,
  maxProcessingTime: ACKNOWLEDGES,
  backoff: ACKNOWLEDGES,
  retryDelay: ACKNOWLEDGES,
  terminateOn: ACKNOWLEDGES,
  manualAck: ACKNOWLEDGES,
  sample: ACKNOWLEDGES,
  allowDataLoss: ACKNOWLEDGES,
  concurrency: IN_ORDER,
  orderBy: IN_ORDER,
  orderAcross: IN_ORDER,
  batch: IN_ORDER,
  deliverTo: ALONE,
  deliverToSubject: ALONE,
  deliverGroup: ALONE,
  flowControl: ALONE,
  limit: ALONE,
  maxWaiting: ALONE,
  description: TEMPORARY,
  inactiveThreshold: TEMPORARY,
  numReplicas: TEMPORARY,
  memStorage: TEMPORARY,
  metadata: TEMPORARY,
} as const satisfies { [Option in keyof HandlerOptions]?: string };

/**
 * The layers as one. For an ordered consumer, defaults that are of no use to it are left out: they are meant for the other
 * handlers. And its default of `deadLetter` is `'off'`: each instance reads the stream at each start, so a message that fails
 * would be a dead letter many times.
 */
export function mergedOptions(layers: readonly HandlerOptions[]): HandlerOptions {
  const merged: HandlerOptions = Object.assign({}, ...layers);
  if (!merged.orderedConsumer) return merged;
  const orderedFrom = layers.findLastIndex(({ orderedConsumer }) => orderedConsumer !== undefined);
  return Object.assign({ deadLetter: 'off' }, ...layers.map((layer, at) => (at < orderedFrom ? usable(layer) : layer)));
}

/** Refuses what was said of an ordered consumer in vain. `false`, and no acknowledgements, are what it does anyhow. */
export function refuseWithOrdered(given: HandlerOptions, problems: OptionProblems): void {
  for (const [option, value] of Object.entries(given)) {
    const reason = isExcluded(option) ? ORDERED_EXCLUDES[option] : undefined;
    const meansNothing = value === false || (option === 'ackPolicy' && String(value).toLowerCase() === 'none');
    problems.refuse(
      reason !== undefined && !meansNothing,
      option,
      value,
      `${reason}: leave out either it or orderedConsumer`,
    );
  }
}

function usable(layer: ConsumerOptions): ConsumerOptions {
  return Object.fromEntries(Object.entries(layer).filter(([option]) => !isExcluded(option)));
}

function isExcluded(option: string): option is keyof typeof ORDERED_EXCLUDES {
  return Object.hasOwn(ORDERED_EXCLUDES, option);
}
