import { durationMillis } from '../util/duration';
import { CONNECTION_DURATIONS, type ConnectionDuration, type NatsConnectionOptions } from './connection-options';
import type { RefuseOption } from './refuse-option';

/** Node's timers take no longer ones: they would end at once. */
const LONGEST_MS = 2_147_483_647;
/** nats.js takes its default for 0. */
const NEVER_ZERO: ReadonlySet<ConnectionDuration> = new Set(['timeout', 'pingInterval']);

/**
 * Finds durations that nats.js would count as none, and what a `reconnectDelayHandler` makes idle.
 */
export function checkDelays(options: NatsConnectionOptions, refuse: RefuseOption): void {
  for (const option of CONNECTION_DURATIONS) {
    const { [option]: value } = options;
    if (value === undefined) continue;
    const least = NEVER_ZERO.has(option) ? 1 : 0;
    const remedy = `give whole milliseconds from ${least} up, or a string such as '2s'; at most 24 days`;
    refuse(!isDelay(value, least), option, value, remedy);
  }
  const { reconnectDelayHandler, reconnectToServer } = options;
  for (const [option, value] of Object.entries({ reconnectDelayHandler, reconnectToServer }))
    refuse(value !== undefined && typeof value !== 'function', option, value, 'give a function');
  if (reconnectDelayHandler === undefined) return;
  for (const option of ['reconnectTimeWait', 'reconnectJitter', 'reconnectJitterTLS'] as const) {
    const { [option]: value } = options;
    refuse(value !== undefined, option, value, "'reconnectDelayHandler' takes its place: leave out one of them");
  }
}

function isDelay(value: number | string, least: number): boolean {
  if (value === 0) return least === 0;
  try {
    return durationMillis(value as `${number}s`, '') <= LONGEST_MS;
  } catch {
    return false;
  }
}
