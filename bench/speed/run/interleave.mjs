import { runProgram } from './program.mjs';

/**
 * Runs all variants one after the other in each round, so that other load affects all of them.
 * @param {Record<string, { program: string, given: object, after?: () => Promise<void> }>} variants
 * @returns {Promise<Record<string, object[]>>} the figures of each variant by round
 */
export async function interleave(variants, rounds, say) {
  const measured = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    for (const [name, variant] of Object.entries(variants)) {
      const given = { ...variant.given, run: `${name.replaceAll(/\W+/g, '-')}-${round}` };
      measured[name].push(await runProgram(variant.program, given, variant.folder));
      await variant.after?.(given);
    }
  }
  return measured;
}
