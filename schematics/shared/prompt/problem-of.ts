import { SchematicError } from '../errors';

/**
 * Returns a check for a prompt from a function that throws for invalid answers. The prompt shows
 * the problem and asks again.
 */
export function problemOf(parse: (answer: string) => unknown): (answer: string) => string | undefined {
  return (answer) => {
    try {
      parse(answer);
      return undefined;
    } catch (error) {
      if (error instanceof SchematicError) return error.message;
      throw error;
    }
  };
}
