import { problemOf } from './problem-of';
import type { Terminal } from './terminal';

/**
 * Returns the given name, or asks for one until it is valid. Undefined if questions cannot be
 * answered.
 * @param parse throws a SchematicError for an invalid name
 */
export async function askForName(
  given: string | number | undefined,
  terminal: Terminal | undefined,
  question: string,
  parse: (answer: string) => unknown,
): Promise<{ name?: string | number }> {
  if (given !== undefined) return { name: given };
  return terminal ? { name: await terminal.ask(question, '', problemOf(parse)) } : {};
}
