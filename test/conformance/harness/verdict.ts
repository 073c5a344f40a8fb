import type { Account } from './account';
import type { HandlerRecord } from './run-record';

/** Time for messages in flight to succeed after the server forgot them. */
const IN_FLIGHT_MS = 1_000;
const SHOWN = 10;

/** Violations. All lists must be empty after any fault. */
export interface Verdict {
  /** Acknowledged by the server but in no state: `ok \ (handled ∪ dead ∪ pending)`. */
  readonly lost: readonly number[];
  /** Handled, dead, pending or stored, although never published or refused. */
  readonly unexpected: readonly number[];
  /** In more than one state, such as `7: dead and pending`. */
  readonly severalStates: readonly string[];
  /** Published once, but stored more than once. */
  readonly storedTwice: readonly number[];
  /** Orders with more than one dead letter. */
  readonly deadTwice: readonly number[];
  /**
   * Repeated successes without an explanation. The delivery had succeeded before, and no fault
   * could have made the server forget it.
   */
  readonly unexplained: readonly string[];
}

/** Repeated successes of orders by explanation. At-least-once delivery allows them. */
export interface Duplicates {
  /** Redelivered by the server, with a higher delivery count. */
  readonly redelivered: number;
  /** Delivered again after the server was killed or the consumer was deleted. */
  readonly forgotten: number;
}

export function judge(account: Account): Verdict {
  const { ok, unknown, handled, dead, pending, stored } = account;
  const published = (id: number): boolean => ok.has(id) || unknown.has(id);
  const seen = new Set([...handled, ...dead.keys(), ...pending, ...stored.keys(), ...account.runs.map(({ id }) => id)]);
  return {
    lost: [...ok].filter((id) => !handled.has(id) && !dead.has(id) && !pending.has(id)),
    unexpected: [...seen].filter((id) => !published(id)),
    severalStates: [...ok].flatMap((id) => {
      const states = statesOf(account, id);
      return states.length > 1 ? [`${id}: ${states.join(' and ')}`] : [];
    }),
    storedTwice: [...stored].filter(([, seqs]) => seqs.length > 1).map(([id]) => id),
    deadTwice: [...dead].filter(([, count]) => count > 1).map(([id]) => id),
    unexplained: repeats(account)
      .filter(({ why }) => why === undefined)
      .map(
        ({ id, seq, worker, delivery, sinceMs }) =>
          `${id} (sequence ${seq}) again in ${worker}, as delivery ${delivery}, ${sinceMs} ms after its last success`,
      ),
  };
}

/** Limits each list to ten entries for error messages. */
export function shortened(verdict: Verdict): Record<string, readonly (string | number)[]> {
  return Object.fromEntries(
    Object.entries(verdict).map(([name, found]: [string, readonly (string | number)[]]) => [
      name,
      found.length > SHOWN ? [...found.slice(0, SHOWN), `and ${found.length - SHOWN} more`] : found,
    ]),
  );
}

export function duplicatesOf(account: Account): Duplicates {
  const explained = repeats(account);
  const count = (reason: string): number => explained.filter(({ why }) => why === reason).length;
  return { redelivered: count('redelivered'), forgotten: count('forgotten') };
}

/** Returns runs of one order that overlap, in any processes. */
export function overlappingRuns({ runs }: Account): string[] {
  const open = new Map<string, HandlerRecord>();
  const overlaps: string[] = [];
  for (const run of runs.toSorted((a, b) => a.at - b.at)) {
    const key = `${run.worker} ${run.seq} ${run.delivery}`;
    if (run.what !== 'began') open.delete(key);
    else {
      for (const other of open.values())
        if (other.seq === run.seq) overlaps.push(`${run.id}: in ${other.worker} and in ${run.worker}`);
      open.set(key, run);
    }
  }
  return overlaps;
}

/** Returns runs that began before an earlier order of their key had succeeded. */
export function disorders({ runs }: Account): string[] {
  const earlier = new Map<string, HandlerRecord>();
  const succeeded = new Set<number>();
  return runs.flatMap((run) => {
    // An order may be redelivered after its acknowledgement is lost. Its first success counts.
    if (succeeded.has(run.seq)) return [];
    if (run.what === 'succeeded') succeeded.add(run.seq);
    const last = earlier.get(run.key);
    earlier.set(run.key, run);
    const isInOrder =
      last === undefined ||
      run.seq === last.seq ||
      (run.seq > last.seq && (last.what === 'succeeded' || run.what !== 'began'));
    return isInOrder ? [] : [`'${run.key}': ${run.what} ${run.seq} after ${last.what} ${last.seq}`];
  });
}

function statesOf({ handled, dead, pending }: Account, id: number): string[] {
  // A handled order whose acknowledgement is lost is redelivered, so it is pending.
  if (pending.has(id)) return dead.has(id) ? ['dead', 'pending'] : ['pending'];
  return [...(handled.has(id) ? ['handled'] : []), ...(dead.has(id) ? ['dead'] : [])];
}

interface Repeat extends HandlerRecord {
  readonly why: keyof Duplicates | undefined;
  readonly sinceMs: number;
}

function repeats({ runs, forgotten }: Account): Repeat[] {
  // The key includes the sequence, because `storedTwice` covers orders that were stored twice.
  const successes = new Map<string, HandlerRecord[]>();
  return runs.flatMap((run) => {
    if (run.what !== 'succeeded') return [];
    const key = `${run.id} ${run.seq}`;
    const earlier = successes.get(key) ?? [];
    successes.set(key, [...earlier, run]);
    const last = earlier.at(-1);
    if (!last) return [];
    // The later delivery may have succeeded first.
    const isRedelivered = earlier.every(({ delivery }) => delivery !== run.delivery);
    const isForgotten = forgotten.some(({ from, to }) => to >= last.at - IN_FLIGHT_MS && from <= run.at);
    const sinceMs = Math.round(run.at - last.at);
    return [{ ...run, sinceMs, why: isRedelivered ? 'redelivered' : isForgotten ? 'forgotten' : undefined }];
  });
}
