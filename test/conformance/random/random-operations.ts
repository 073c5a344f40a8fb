import { randomInt } from 'node:crypto';
import { runEpisode, type EpisodeResult } from './episode';
import { operationsOf, type Operation } from './operations';
import { shrink } from './shrink';

const SEEDS = 2 ** 31;
const OPERATIONS_AN_EPISODE = 14;
const SHOWN = 12;

export interface RandomPlan {
  /** Time to start new episodes. The last episode is always finished. */
  readonly forMs: number;
  /** Seed of the first episode. Each later episode uses the next number. */
  readonly seed: number;
  /** Time to search for a shorter failing sequence. Default: 0. */
  readonly shrinkForMs?: number;
}

export interface RandomSummary {
  readonly seed: number;
  readonly episodes: number;
  /** Messages that the server acknowledged or may have stored. */
  readonly published: number;
  readonly runs: number;
}

/** Returns the seed in RANDOM_SEED, or a random one. */
export function seedFromEnvironment(): number {
  const given = process.env['RANDOM_SEED'];
  return given === undefined || given === '' ? randomInt(SEEDS) : Number(given);
}

/**
 * Runs episodes of random operations one after the other, each with its own server.
 * @throws Error with seed, operations and timelines at the first episode that violates a guarantee
 */
export async function randomOperations({ forMs, seed, shrinkForMs = 0 }: RandomPlan): Promise<RandomSummary> {
  const began = performance.now();
  const total = { seed, episodes: 0, published: 0, runs: 0 };
  for (let current = seed; performance.now() - began < forMs; current++) {
    const operations = replayed() ?? operationsOf(current, OPERATIONS_AN_EPISODE);
    const result = await runEpisode(current, operations);
    if (result.problems.length > 0) throw await failureOf(current, operations, result, shrinkForMs);
    total.episodes++;
    total.published += result.published;
    total.runs += result.runs;
  }
  return total;
}

/** Returns the sequence in RANDOM_OPERATIONS, which a failure printed as JSON. */
function replayed(): readonly Operation[] | undefined {
  const given = process.env['RANDOM_OPERATIONS'];
  return given ? (JSON.parse(given) as readonly Operation[]) : undefined;
}

async function failureOf(
  seed: number,
  operations: readonly Operation[],
  { problems }: EpisodeResult,
  shrinkForMs: number,
): Promise<Error> {
  const kinds = new Set(problems.map(kindOf));
  const failsAlike = async (shorter: readonly Operation[]): Promise<boolean> =>
    (await runEpisode(seed, shorter)).problems.some((problem) => kinds.has(kindOf(problem)));
  const shortest = await shrink(operations, failsAlike, performance.now() + shrinkForMs);
  const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : [];
  return new Error(
    [
      `Seed ${seed} violates a guarantee. Replay it with RANDOM_SEED=${seed} npm test -- random.spec.ts`,
      ...problems.slice(0, SHOWN),
      ...more,
      `Operations, for RANDOM_OPERATIONS: ${JSON.stringify(shortest)}`,
    ].join('\n'),
  );
}

function kindOf(problem: string): string {
  return problem.slice(0, problem.indexOf(':'));
}
