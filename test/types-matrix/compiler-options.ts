import type { Compiler, Configuration } from './matrix';

type CompilerOptions = Record<string, boolean | string | readonly string[] | null>;

/** What a project of Nest 11 must change in its tsconfig before a later compiler takes it. */
const UPDATE_OF_NEST_11: Record<Compiler, CompilerOptions> = {
  'ts-5.7': {},
  'ts-5.9': {},
  'ts-6': { types: ['node'], ignoreDeprecations: '6.0' },
  // null takes it out: there is no baseUrl any more.
  'ts-7': { types: ['node'], baseUrl: null },
};

const ADDED: Record<Configuration, (compiler: Compiler) => CompilerOptions> = {
  // TypeScript 5's default. It stays, so that every compiler meets a project without
  // strictFunctionTypes.
  'nest-11': (compiler) => ({ ...UPDATE_OF_NEST_11[compiler], strict: false }),
  'nest-11-strict': (compiler) => UPDATE_OF_NEST_11[compiler],
  // Their jest and vitest are not installed.
  'nest-12-cjs': () => ({ types: ['node'] }),
  'nest-12-esm': () => ({ types: ['node'] }),
};

/** The options that a compiler needs besides those of a tsconfig of `nest new`. */
export function addedOptions(configuration: Configuration, compiler: Compiler): CompilerOptions {
  return ADDED[configuration](compiler);
}
