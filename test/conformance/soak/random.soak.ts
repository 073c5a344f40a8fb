import { writeFileSync } from 'node:fs';
import { randomOperations, seedFromEnvironment } from '../random/random-operations';

const SECONDS = Number(process.env['RANDOM_SECONDS']);
const SHRINK_MS = 20 * 60_000;

it(`${SECONDS} s of random operations`, async () => {
  const seed = seedFromEnvironment();
  const summary = await randomOperations({ forMs: SECONDS * 1_000, seed, shrinkForMs: SHRINK_MS });
  writeFileSync(process.env['SOAK_REPORT'] ?? '', `${summary}\n`);
}, 3_600_000);
