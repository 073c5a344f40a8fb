import { InvalidOptionError } from '../errors/configuration.errors';
import { patternsOverlap } from './pattern-overlap';

/**
 * Refuses patterns that overlap. The server does too, because it would store or deliver a message
 * twice.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function assertDisjoint(option: string, patterns: readonly string[]): void {
  for (const [at, pattern] of patterns.entries()) {
    const other = patterns.slice(at + 1).find((later) => patternsOverlap(pattern, later));
    if (other === undefined) continue;
    const text = `Subjects '${pattern}' and '${other}' of '${option}' overlap. Remove or narrow one of them.`;
    throw InvalidOptionError.of(text, patterns);
  }
}
