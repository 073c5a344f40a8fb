import type { SoakSample } from './soak-report';

const MIB = 1 << 20;
/** Memory that the heap keeps for compiled code and map buckets. */
const HEAP_SLACK_BYTES = 4 * MIB;
const COUNTED = ['timers', 'sockets', 'listeners', 'subscriptions'] as const;

/** Expects no more resources in the last sample than in the first one after the warm-up. */
export function expectFlat(samples: readonly SoakSample[]): void {
  const [first, last] = [samples[0], samples.at(-1)];
  expect(samples.length).toBeGreaterThan(5);
  expect((last?.heapBytes ?? Infinity) - (first?.heapBytes ?? 0)).toBeLessThan(HEAP_SLACK_BYTES);
  expect(grown(first, last)).toEqual([]);
}

/** Returns the resources with a higher count than before, with both counts. */
export function grown(
  before: SoakSample | undefined,
  now: SoakSample | undefined,
): readonly (readonly [resource: string, before: number, now: number])[] {
  return COUNTED.map((resource) => [resource, before?.[resource] ?? 0, now?.[resource] ?? Infinity] as const).filter(
    ([, few, many]) => many > few,
  );
}
