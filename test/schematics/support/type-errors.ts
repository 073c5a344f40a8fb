import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..', '..');
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  isolatedModules: true,
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node', 'jest'],
  typeRoots: [join(ROOT, 'node_modules', '@types')],
  paths: {
    '@nest-jetstream/transport': [join(ROOT, 'runtime', 'src', 'index.ts')],
    '*': [join(ROOT, 'node_modules', '*')],
  },
};

/**
 * Returns the type errors of each file. All files are in one program, because most of the time is
 * spent on Nest's types.
 */
export function typeErrors(files: readonly string[], overrides: ts.CompilerOptions = {}): Map<string, string[]> {
  const program = ts.createProgram([...files], { ...OPTIONS, ...overrides });
  return new Map(
    files.map((file) => {
      const source = program.getSourceFile(file);
      const errors = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [
        file,
        errors.map(({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
      ];
    }),
  );
}
