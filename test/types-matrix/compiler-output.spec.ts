import { readCompilerOutput } from './compiler-output';

const OUTPUT = `src/send.ts(17,8): error TS2769: No overload matches this call.
  The last overload gave the following error.
    Type 'number' is not assignable to type 'string'.
src/send.ts(19,1): error TS2554: Expected 1-2 arguments, but got 0.
../node_modules/@nest-jetstream/transport/dist/index.d.ts(1,2): error TS1005: ';' expected.
../node_modules/@nestjs/core/index.d.ts(1,2): error TS1005: ';' expected.
error TS5102: Option 'baseUrl' has been removed. Please remove it from your configuration.
  Use '"paths": {"*": ["./*"]}' instead.
`;

describe('readCompilerOutput', () => {
  it('reads messages of several lines', () => {
    const compiled = readCompilerOutput({ end: 2, output: OUTPUT });

    expect(compiled.errorsOf('send.ts')).toEqual([
      { line: 17, message: expect.stringMatching(/^No overload .*\n.*last overload.*\n.*to type 'string'\.$/) },
      { line: 19, message: 'Expected 1-2 arguments, but got 0.' },
    ]);
    expect(compiled.errorsOf('emit.ts')).toEqual([]);
  });

  it('reports errors in our declarations and in the configuration, but not in other packages', () => {
    expect(readCompilerOutput({ end: 2, output: OUTPUT }).otherErrors).toEqual([
      expect.stringContaining('@nest-jetstream/transport/dist/index.d.ts(1,2)'),
      expect.stringMatching(/^error TS5102: .*\n.* instead\.$/),
    ]);
  });

  it('reports unknown output, and a compiler that was killed', () => {
    const crashed = { end: 1, output: 'Error: out of memory\n    at compile\n' };
    const ended = { end: 'SIGTERM', output: '' } as const;

    expect(readCompilerOutput(crashed).otherErrors).toEqual(['Error: out of memory\n    at compile']);
    expect(readCompilerOutput(ended).otherErrors).toEqual(['The compiler ended with SIGTERM.']);
  });
});
