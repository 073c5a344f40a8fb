import type { DeadLetterEntry } from '../dead-letter/dead-letter-entry';
import { reasonGroup } from '../dead-letter/reason-group';

/** Reasons may all be different. Those beyond the limit are counted together. */
const MAX_GROUPS = 1_000;
const OTHER_REASONS = 'other reasons';

/** Dead letters of a durable with the same reason, apart from numbers and other values. */
export interface DeadLetterGroup {
  readonly stream: string;
  readonly durable: string;
  /** Reason with `*` for each value, for `reasonGroup` of a filter. Empty if there is none. */
  readonly reason: string;
  readonly count: number;
  /** Time of the oldest dead letter, as an ISO string. */
  readonly oldest: string;
  readonly newest: string;
}

type Counted = { -readonly [Key in keyof DeadLetterGroup]: DeadLetterGroup[Key] };

/** Counts dead letters by durable and reason. */
export class DeadLetterGroups {
  private readonly groups = new Map<string, Counted>();
  count = 0;

  add({ stream, durable, reason, deadLetteredAt: time }: DeadLetterEntry): void {
    this.count++;
    const label = reasonGroup(reason);
    const key = (of: string): string => JSON.stringify([stream, durable, of]);
    const isKnown = this.groups.size < MAX_GROUPS || this.groups.has(key(label));
    const group = isKnown ? label : OTHER_REASONS;
    const counted = this.groups.get(key(group));
    if (!counted) {
      this.groups.set(key(group), { stream, durable, reason: group, count: 1, oldest: time, newest: time });
      return;
    }
    counted.count++;
    if (time < counted.oldest) counted.oldest = time;
    if (time > counted.newest) counted.newest = time;
  }

  /** Returns the groups, the largest first. */
  sorted(): DeadLetterGroup[] {
    return [...this.groups.values()].toSorted((a, b) => b.count - a.count);
  }
}
