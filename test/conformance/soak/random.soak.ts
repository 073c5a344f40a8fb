import { writeFileSync } from 'node:fs';
import { randomOperations, seedFromEnvironment } from '../random/random-operations';

const SECONDS = Number(process.env['RANDOM_SECONDS']);
const SHRINK_MS = 20 * 60_000;

it(`${SECONDS} s of random operations`, async () => {
  const seed = seedFromEnvironment();
  const summary = await randomOperations({ forMs: SECONDS * 1_000, seed, shrinkForMs: SHRINK_MS });
  expect(summary.episodes).toBeGreaterThan(0);
  writeFileSync(process.env['SOAK_REPORT'] ?? '', `${JSON.stringify(summary)}\n`);
}, 3_600_000);
