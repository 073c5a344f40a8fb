import { InvalidOptionError } from '../errors/configuration.errors';
import { patternsOverlap } from './pattern-overlap';

/**
 * The server refuses patterns that overlap, as it would store or deliver a message twice.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function assertDisjoint(option: string, patterns: readonly string[]): void {
  for (const [at, pattern] of patterns.entries()) {
    const other = patterns.slice(at + 1).find((later) => patternsOverlap(pattern, later));
    if (other === undefined) continue;
    throw new InvalidOptionError(option, patterns, `'${pattern}' and '${other}' overlap: leave out one, or narrow it`);
  }
}
