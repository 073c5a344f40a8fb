import type { Label } from '../types/labels';

export type Nest = 'nest-11' | 'nest-12';
export type Compiler = 'ts-5.7' | 'ts-5.9' | 'ts-6' | 'ts-7';
/** Tsconfigs of `nest new`, by the names of their folders in test/types/configs. */
export type Configuration = 'nest-11' | 'nest-11-strict' | 'nest-12-cjs' | 'nest-12-esm';

/** Compilers that users have with each Nest. */
export const COMPILERS: Record<Nest, readonly Compiler[]> = {
  'nest-11': ['ts-5.7', 'ts-5.9', 'ts-6', 'ts-7'],
  'nest-12': ['ts-5.9', 'ts-6', 'ts-7'],
};

/**
 * Tsconfigs of each Nest, and one of the other Nest, because users keep theirs when they update or
 * copy a newer one.
 */
export const CONFIGURATIONS: Record<Nest, readonly [Configuration, ...Configuration[]]> = {
  'nest-11': ['nest-11', 'nest-11-strict', 'nest-12-cjs'],
  'nest-12': ['nest-12-esm', 'nest-12-cjs', 'nest-11'],
};

/** Returns the labels of a project for the announcements of the cases. */
export function labelsOf(nest: Nest, configuration: Configuration, compiler: Compiler): Label[] {
  return isStrict(configuration, compiler) ? [nest, compiler, 'strict'] : [nest, compiler];
}

function isStrict(configuration: Configuration, compiler: Compiler): boolean {
  if (configuration === 'nest-11') return false;
  // `nest new --strict` of Nest 11 sets only some flags of strict. Since TypeScript 6 the others
  // are on by default.
  if (configuration === 'nest-11-strict') return compiler === 'ts-6' || compiler === 'ts-7';
  return true;
}
