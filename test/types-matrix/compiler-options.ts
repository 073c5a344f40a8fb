import type { Compiler, Configuration } from './matrix';

type CompilerOptions = Record<string, boolean | string | readonly string[] | null>;

/** Changes to the tsconfig of Nest 11 that later compilers require. */
const UPDATE_OF_NEST_11: Record<Compiler, CompilerOptions> = {
  'ts-5.7': {},
  'ts-5.9': {},
  'ts-6': { types: ['node'], ignoreDeprecations: '6.0' },
  // null removes it. TypeScript 7 has no baseUrl.
  'ts-7': { types: ['node'], baseUrl: null },
};

const ADDED: Record<Configuration, (compiler: Compiler) => CompilerOptions> = {
  // The default of TypeScript 5, so that every compiler has a project without strictFunctionTypes.
  'nest-11': (compiler) => ({ ...UPDATE_OF_NEST_11[compiler], strict: false }),
  'nest-11-strict': (compiler) => UPDATE_OF_NEST_11[compiler],
  // The types of jest and vitest are not installed.
  'nest-12-cjs': () => ({ types: ['node'] }),
  'nest-12-esm': () => ({ types: ['node'] }),
};

/** Returns the options that a compiler needs in addition to the tsconfig of `nest new`. */
export function addedOptions(configuration: Configuration, compiler: Compiler): CompilerOptions {
  return ADDED[configuration](compiler);
}
