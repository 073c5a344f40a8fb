import { randomOperations, seedFromEnvironment } from './random/random-operations';

const SECONDS = Number(process.env['RANDOM_SECONDS'] ?? 60);

// `npm run soak -- random` runs it for ten minutes.
it('leaves every message in one state through random starts, stops, kills, failed boots, deployments, deletions, pauses and cuts', async () => {
  const seed = seedFromEnvironment();
  const summary = await randomOperations({ forMs: SECONDS * 1_000, seed });
  expect(summary.episodes).toBeGreaterThan(0);
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}, 600_000);
