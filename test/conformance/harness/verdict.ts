import type { Account } from './account';
import type { HandlerRecord } from './run-record';

/** What a worker had in hand when the server forgot it succeeds a little later. */
const IN_HAND_MS = 1_000;
const SHOWN = 10;

/** What must be empty, whatever was done to the system. */
export interface Verdict {
  /** Acknowledged by the server, and in no terminal state: `ok \ (handled ∪ dead ∪ pending)`. */
  readonly lost: readonly number[];
  /** Handled, dead, pending or stored, although never published or certainly refused. */
  readonly unexpected: readonly number[];
  /** In more than one terminal state, as `7: dead and pending`. */
  readonly severalStates: readonly string[];
  /** One publish, more than one message in the stream. */
  readonly storedTwice: readonly number[];
  /** More than one dead letter of one order. */
  readonly buriedTwice: readonly number[];
  /**
   * Succeeded runs after the first that nothing explains: of a delivery that succeeded before,
   * although nobody could have forgotten it.
   */
  readonly unexplained: readonly string[];
}

/**
 * Succeeded runs after the first of an order, by what explains them: at-least-once allows these.
 */
export interface Duplicates {
  /** The server said that it delivers it again. */
  readonly redelivered: number;
  /** The server, or somebody who deleted the consumer, had forgotten the first delivery. */
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
    buriedTwice: [...dead].filter(([, letters]) => letters > 1).map(([id]) => id),
    unexplained: repeats(account)
      .filter(({ why }) => why === undefined)
      .map(
        ({ id, seq, worker, delivery, sinceMs }) =>
          `${id} (sequence ${seq}) again in ${worker}, as delivery ${delivery}, ${sinceMs} ms after its last success`,
      ),
  };
}

/** For people: thousands of numbers say no more than ten. */
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

/**
 * Runs of one order at the same time, in whatever processes. One that its process did not live to
 * end lasts until `endedAt` says.
 */
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

/** Runs that began before an earlier order of their key had succeeded. */
export function disorders({ runs }: Account): string[] {
  const earlier = new Map<string, HandlerRecord>();
  const succeeded = new Set<number>();
  return runs.flatMap((run) => {
    // What a server that died did not hear of comes again: its place is that of its first success.
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
  // Handled, but the server was not told: it delivers again, so it is pending.
  if (pending.has(id)) return dead.has(id) ? ['dead', 'pending'] : ['pending'];
  return [...(handled.has(id) ? ['handled'] : []), ...(dead.has(id) ? ['dead'] : [])];
}

interface Repeat extends HandlerRecord {
  readonly why: keyof Duplicates | undefined;
  readonly sinceMs: number;
}

function repeats({ runs, forgotten }: Account): Repeat[] {
  // By sequence too: an order that was stored twice is told so by `storedTwice`.
  const successes = new Map<string, HandlerRecord[]>();
  return runs.flatMap((run) => {
    if (run.what !== 'succeeded') return [];
    const key = `${run.id} ${run.seq}`;
    const earlier = successes.get(key) ?? [];
    successes.set(key, [...earlier, run]);
    const last = earlier.at(-1);
    if (!last) return [];
    // The later delivery may have been the faster one.
    const isRedelivered = earlier.every(({ delivery }) => delivery !== run.delivery);
    const isForgotten = forgotten.some(({ from, to }) => to >= last.at - IN_HAND_MS && from <= run.at);
    const sinceMs = Math.round(run.at - last.at);
    return [{ ...run, sinceMs, why: isRedelivered ? 'redelivered' : isForgotten ? 'forgotten' : undefined }];
  });
}
