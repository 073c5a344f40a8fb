// Sources are CommonJS, so tests run them as CommonJS; Nest 12 and devkit's dependencies are ES
// modules, which jest can require() on Node >= 24.9 with --experimental-vm-modules only.
// scripts/test.mjs starts jest that way.
export default {
  testEnvironment: 'node',
  // A bound, not an expectation: real servers on a loaded machine take their time.
  testTimeout: 3 * 60_000,
  // After many spec files, Node takes more than jest's half a second to release its memory.
  workerGracefulExitTimeout: 30_000,
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  moduleNameMapper: {
    // Another copy of it is what the conformance suite is proved with, see scripts/mutations.mjs.
    '^@nest-jetstream/transport$': process.env.TRANSPORT_SOURCE ?? '<rootDir>/runtime/src/index.ts',
    '^@nest-jetstream/transport/(board|opentelemetry|prometheus)$': '<rootDir>/runtime/src/$1/index.ts',
    // As built, because it starts a program of its own.
    '^@nest-jetstream/transport/testing$': '<rootDir>/runtime/dist/testing/index.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/runtime/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
};
