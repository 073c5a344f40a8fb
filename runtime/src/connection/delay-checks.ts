import { durationMillis } from '../util/duration';
import { CONNECTION_DURATIONS, type ConnectionDuration, type NatsConnectionOptions } from './connection-options';
import type { ConnectionProblems } from './connection-problems';

/** Longest timer of Node. A longer one fires immediately. */
const LONGEST_MS = 2_147_483_647;
/** nats.js replaces 0 by its default. */
const NEVER_ZERO: ReadonlySet<ConnectionDuration> = new Set(['timeout', 'pingInterval']);

/**
 * Adds durations that are not valid timers, and delays that a `reconnectDelayHandler` overrides.
 */
export function checkDelays(options: NatsConnectionOptions, problems: ConnectionProblems): void {
  for (const option of CONNECTION_DURATIONS) {
    const { [option]: value } = options;
    if (value === undefined) continue;
    const least = NEVER_ZERO.has(option) ? 1 : 0;
    const remedy = `pass milliseconds as a whole number from ${least} up, or a string such as '2s'. The maximum is 24 days`;
    problems.refuse(!isDelay(value, least), option, value, remedy);
  }
  const { reconnectDelayHandler, reconnectToServer } = options;
  for (const [option, value] of Object.entries({ reconnectDelayHandler, reconnectToServer }))
    problems.refuse(value !== undefined && typeof value !== 'function', option, value, 'pass a function');
  if (reconnectDelayHandler === undefined) return;
  for (const option of ['reconnectTimeWait', 'reconnectJitter', 'reconnectJitterTLS'] as const) {
    const isSet = options[option] !== undefined;
    problems.conflict(isSet, option, 'reconnectDelayHandler', 'the handler sets the delay itself');
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
