import type { Behaviour } from '../harness/behaviour';

const FAILS_ALWAYS = 13;
const KILLS_ALWAYS = 97;

/** Behaviour by order number. Other orders succeed at once. */
export const BEHAVIOUR: Behaviour = {
  does: 'mix',
  of: [
    { does: 'kill', every: KILLS_ALWAYS },
    { does: 'kill', every: 61, times: 1 },
    { does: 'fail', every: FAILS_ALWAYS },
    // Longer than any ackWait, so the deadline must be extended.
    { does: 'succeed', every: 47, afterMs: 9_000 },
    { does: 'fail', every: 11, times: 1 },
    { does: 'succeed', every: 3, afterMs: 40 },
  ],
};

/** Returns true for orders that fail or kill their process in every run. */
export function neverSucceeds(id: number): boolean {
  return id % FAILS_ALWAYS === 0 || id % KILLS_ALWAYS === 0;
}
