import { types } from 'node:util';
import { GeneratorHandlerError } from '../errors/event.errors';

/** @throws GeneratorHandlerError for what `handle*()` returns: its body has not run, and would pass for success */
export function refuseGenerator(label: string, result: unknown): void {
  if (types.isGeneratorObject(result)) throw new GeneratorHandlerError(label);
}
