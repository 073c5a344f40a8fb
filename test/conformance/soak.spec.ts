import { expectFlat } from './soak/expect-flat';
import { soak } from './soak/soak';

// Scaled: 50,000 messages; `npm run soak` runs the million.
it('43: soak - 50,000 messages with a fault every 4,000 - nothing is lost, and heap, timers, sockets, listeners and subscriptions do not grow', async () => {
  const { row, samples } = await soak({ messages: 50_000, faults: 12 });
  expect(row.handled).toBeGreaterThanOrEqual(row.ok);
  expect(row.faults).toBeGreaterThanOrEqual(10);
  expectFlat(samples);
}, 600_000);
