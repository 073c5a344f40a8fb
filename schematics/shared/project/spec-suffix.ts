import { invalidOption } from '../errors';

export interface SpecOptions {
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
}

/** What a spec's name ends with; undefined when none is wanted. */
export function specSuffix({ spec, specFileSuffix = 'spec' }: SpecOptions): string | undefined {
  if (spec === false) return undefined;
  if (!/^[\w-]+(\.[\w-]+)*$/.test(specFileSuffix)) {
    throw invalidOption('specFileSuffix', specFileSuffix, 'must be a plain word, e.g. spec.');
  }
  return specFileSuffix;
}
