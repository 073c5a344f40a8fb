import { timerMillis, type Duration } from '../../duration/duration';
import { InvalidOptionError } from '../../errors/configuration.errors';

/** How a handler of many messages at once gets them. */
export interface BatchOptions {
  /** How many events one run of the handler gets at most; at least one. Not above `maxAckPending` (1000), nor `prefetch`. */
  size: number;
  /** How long the first event of a batch waits for others: then the handler gets what is there. Default 1 s. */
  timeout?: Duration;
}

export interface BatchSettings {
  readonly size: number;
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT = '1s';
const KNOWN = ['size', 'timeout'];

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function batchSettings(given: BatchOptions): BatchSettings {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidOptionError('batch', given, "give an object, such as { size: 100, timeout: '1s' }");
  }
  for (const [option, value] of Object.entries(given)) {
    if (!KNOWN.includes(option)) throw new InvalidOptionError(`batch.${option}`, value, `it knows ${KNOWN.join(', ')}`);
  }
  const { size, timeout = DEFAULT_TIMEOUT } = given;
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new InvalidOptionError('batch.size', size, 'give a whole number from 1 up');
  }
  return { size, timeoutMs: timerMillis(timeout, 'batch.timeout') };
}
