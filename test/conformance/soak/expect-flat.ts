import type { SoakSample } from './soak-report';

const MIB = 1 << 20;
/** Rooms that a heap needs and gives back: code that was compiled meanwhile, buckets of maps. */
const HEAP_SLACK_BYTES = 4 * MIB;
const COUNTED = ['timers', 'sockets', 'listeners', 'subscriptions'] as const;

/** From the first sample, which was taken warm, to the last. */
export function expectFlat(samples: readonly SoakSample[]): void {
  const [first, last] = [samples[0], samples.at(-1)];
  expect(samples.length).toBeGreaterThan(5);
  expect((last?.heapBytes ?? Infinity) - (first?.heapBytes ?? 0)).toBeLessThan(HEAP_SLACK_BYTES);
  expect(countsOf(last)).toEqual(countsOf(first));
}

function countsOf(sample: SoakSample | undefined): [string, number | undefined][] {
  return COUNTED.map((resource) => [resource, sample?.[resource]]);
}
