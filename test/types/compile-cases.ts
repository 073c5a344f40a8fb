import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as ts from 'typescript';

export const CASES = join(__dirname, 'cases');
/** Cases with contracts, which apply to a whole program. */
export const STRICT_CASES = join(__dirname, 'strict-cases');
/**
 * A case without the errors that it announces, which the comparison must detect, and events of all
 * kinds.
 */
export const FIXTURES = join(__dirname, 'fixtures');
export const CONFIGS = join(__dirname, 'configs');
const REPOSITORY = join(__dirname, '..', '..');
const DECLARATIONS = join(REPOSITORY, 'runtime', 'dist', 'index.d.ts');

export interface CompileError {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface CompiledCases {
  /** Returns the errors of one case. */
  errorsOf(file: string): readonly CompileError[];
  /** Errors outside of the cases, such as in the configuration or in a declaration file. */
  readonly otherErrors: readonly string[];
}

/** Returns the names of the case files of a folder. */
export function caseFiles(folder: string): string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.ts'));
}

/**
 * Compiles the cases of a folder as one user project, against the declarations of the built
 * transport.
 * @throws Error if the transport is not built
 */
export function compileCases(configuration: string, folder: string): CompiledCases {
  if (!existsSync(DECLARATIONS)) throw new Error(`${DECLARATIONS} is missing. Run \`npm run build\` first.`);
  const project = new ProjectOfCases(join(CONFIGS, configuration), folder);
  const errors = new Map<string, CompileError[]>();
  const otherErrors: string[] = [];
  for (const { file, start = 0, messageText } of project.diagnostics()) {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    const name = file && project.caseOf(file.fileName);
    if (!file || name === undefined) {
      otherErrors.push(file ? `${file.fileName}: ${message}` : message);
      continue;
    }
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    errors.set(name, [...(errors.get(name) ?? []), { line, message }]);
  }
  return { errorsOf: (file) => errors.get(file) ?? [], otherErrors };
}

/**
 * Returns the declarations of a file and of its imports, by file name.
 * @throws Error for a declaration that cannot be named
 */
export function declarationsOf(configuration: string, folder: string, file: string): Map<string, string> {
  const declarations = new Map<string, string>();
  const errors = new ProjectOfCases(join(CONFIGS, configuration), folder, [file]).emitDeclarations((path, text) =>
    declarations.set(basename(path), text),
  );
  if (errors.length > 0) throw new Error(ts.formatDiagnostics(errors, ts.createCompilerHost({})));
  return declarations;
}

/**
 * A project whose `src` is the folder of cases. The cases are not copied, but the compiler finds
 * them there, so the package.json of the project decides if they are ES modules.
 */
class ProjectOfCases {
  private readonly source: string;

  constructor(
    private readonly project: string,
    private readonly folder: string,
    private readonly files: readonly string[] = caseFiles(folder),
  ) {
    this.source = join(project, 'src');
  }

  diagnostics(): readonly ts.Diagnostic[] {
    const { program, errors } = this.program({ noEmit: true });
    return program === undefined ? errors : ts.getPreEmitDiagnostics(program);
  }

  emitDeclarations(write: (path: string, text: string) => void): readonly ts.Diagnostic[] {
    const { program, errors } = this.program({
      declaration: true,
      emitDeclarationOnly: true,
      declarationMap: false,
      rootDir: REPOSITORY,
    });
    if (program === undefined) return errors;
    const { diagnostics } = program.emit(undefined, (path, text) => path.endsWith('.d.ts') && write(path, text));
    return [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  }

  private program(added: ts.CompilerOptions): { program?: ts.Program; errors: readonly ts.Diagnostic[] } {
    const tsconfig = join(this.project, 'tsconfig.json');
    const { config, error } = ts.readConfigFile(tsconfig, (file) => ts.sys.readFile(file));
    if (error) return { errors: [error] };
    const rootNames = this.files.map((file) => join(this.source, file));
    const system: ts.ParseConfigHost = { ...ts.sys, readDirectory: () => rootNames };
    const { options, errors } = ts.parseJsonConfigFileContent(config, system, this.project, added, tsconfig);
    const program = ts.createProgram({
      rootNames,
      options,
      host: this.host(options),
      configFileParsingDiagnostics: errors,
    });
    return { program, errors };
  }

  /** Returns the name of the case that the compiler finds at this path. */
  caseOf(path: string): string | undefined {
    return path.startsWith(`${this.source}/`) ? path.slice(this.source.length + 1) : undefined;
  }

  private host(options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createCompilerHost(options);
    const onDisk = (path: string): string => {
      const name = this.caseOf(path);
      return name === undefined ? path : join(this.folder, name);
    };
    return {
      ...host,
      fileExists: (path) => host.fileExists(onDisk(path)),
      readFile: (path) => host.readFile(onDisk(path)),
      directoryExists: (path) => path === this.source || ts.sys.directoryExists(path),
      getSourceFile: (path, version, ...rest) => {
        if (this.caseOf(path) === undefined) return host.getSourceFile(path, version, ...rest);
        return ts.createSourceFile(path, readFileSync(onDisk(path), 'utf8'), version);
      },
    };
  }
}
