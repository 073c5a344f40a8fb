import { invalidOption } from '../errors';

export interface SpecOptions {
  readonly spec?: boolean;
  readonly specFileSuffix?: string;
}

/** Returns the suffix of spec files, or undefined if none is generated. */
export function specSuffix({ spec, specFileSuffix = 'spec' }: SpecOptions): string | undefined {
  if (spec === false) return undefined;
  if (!/^[\w-]+(\.[\w-]+)*$/.test(specFileSuffix)) {
    throw invalidOption('specFileSuffix', specFileSuffix, 'must be a plain word, such as spec.');
  }
  return specFileSuffix;
}
