import type { CommandResult } from '../support/command';
import type { CompiledCases, CompileError } from '../types/compile-cases';

// The lines of a message after the first are indented.
const BEGIN_OF_MESSAGE = /\r?\n(?=\S)/;
const ERROR = /^(?:(?<file>[^\n]+)\((?<line>\d+),\d+\): )?error TS\d+: (?<message>.*)$/s;
const OF_A_CASE = /^src\/(?<name>[^/]+)$/;
// Errors in the declaration files of other packages are not ours to fix.
const OF_ANOTHER_PACKAGE = /node_modules\/(?!@nest-jetstream\/)/;
// 0 is success, 1 and 2 are compile errors.
const ENDS_OF_A_COMPILATION = new Set<CommandResult['end']>([0, 1, 2]);

/** Parses the output of `tsc --pretty false` in the project whose `src` has the cases. */
export function readCompilerOutput({ end, output }: CommandResult): CompiledCases {
  const errors = new Map<string, CompileError[]>();
  const otherErrors = ENDS_OF_A_COMPILATION.has(end) ? [] : [`The compiler ended with ${end}.`];
  for (const text of output.split(BEGIN_OF_MESSAGE)) {
    const { file, line, message } = ERROR.exec(text.trimEnd())?.groups ?? {};
    const name = OF_A_CASE.exec(file ?? '')?.groups?.['name'];
    if (name !== undefined && message !== undefined)
      errors.set(name, [...(errors.get(name) ?? []), { line: Number(line), message }]);
    else if (text.trim() !== '' && !OF_ANOTHER_PACKAGE.test(file ?? '')) otherErrors.push(text.trimEnd());
  }
  return { errorsOf: (file) => errors.get(file) ?? [], otherErrors };
}
