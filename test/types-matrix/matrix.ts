import type { Label } from '../types/labels';

export type Nest = 'nest-11' | 'nest-12';
export type Compiler = 'ts-5.7' | 'ts-5.9' | 'ts-6' | 'ts-7';
/** The tsconfigs of `nest new`, by the names of their folders in test/types/configs. */
export type Configuration = 'nest-11' | 'nest-11-strict' | 'nest-12-cjs' | 'nest-12-esm';

/** The compilers that people have with each Nest. */
export const COMPILERS: Record<Nest, readonly Compiler[]> = {
  'nest-11': ['ts-5.7', 'ts-5.9', 'ts-6', 'ts-7'],
  'nest-12': ['ts-5.9', 'ts-6', 'ts-7'],
};

/**
 * Nest's own tsconfigs, and one of the other Nest: people keep theirs when they update, or copy a
 * newer one.
 */
export const CONFIGURATIONS: Record<Nest, readonly [Configuration, ...Configuration[]]> = {
  'nest-11': ['nest-11', 'nest-11-strict', 'nest-12-cjs'],
  'nest-12': ['nest-12-esm', 'nest-12-cjs', 'nest-11'],
};

/** What the announcements of the cases can say of such a project. */
export function labelsOf(nest: Nest, configuration: Configuration, compiler: Compiler): Label[] {
  return isStrict(configuration, compiler) ? [nest, compiler, 'strict'] : [nest, compiler];
}

function isStrict(configuration: Configuration, compiler: Compiler): boolean {
  if (configuration === 'nest-11') return false;
  // `nest new --strict` of Nest 11 sets some of strict's flags only. Since TypeScript 6, the others
  // are on by default.
  if (configuration === 'nest-11-strict') return compiler === 'ts-6' || compiler === 'ts-7';
  return true;
}
