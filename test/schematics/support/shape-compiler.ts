import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..', '..');

/** Declares the packages of the shapes that are not installed here. */
const ABSENT = join(__dirname, '..', 'shapes', 'fixtures', 'absent-packages.d.ts');

// Parsed files outside of the projects, and the modules that they import, by the options that
// these depend on.
const parsed = new Map<string, ts.SourceFile | undefined>();
const resolved = new Map<string, readonly ts.ResolvedModuleWithFailedLookupLocations[]>();

/** Compiles a project with its own compiler options. */
export function compile(folder: string, tsconfig: string): ts.Program {
  const { config } = ts.readConfigFile(join(folder, tsconfig), (path) => readFileSync(path, 'utf8')) as {
    config: object;
  };
  const base = dirname(join(folder, tsconfig));
  const { options: own, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, base);
  const [problem] = errors;
  if (problem) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
  const options: ts.CompilerOptions = {
    ...own,
    noEmit: true,
    // The transport is outside of it.
    rootDir: '/',
    types: ['node', 'jest'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    paths: {
      ...own.paths,
      '@nest-jetstream/transport': [join(ROOT, 'runtime', 'src', 'index.ts')],
      '@nest-jetstream/transport/testing': [join(ROOT, 'runtime', 'src', 'testing', 'index.ts')],
    },
  };
  return ts.createProgram([...fileNames, ABSENT], options, hostOf(folder, options));
}

function hostOf(folder: string, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  const key = JSON.stringify([options.target, options.module, options.moduleResolution, options.moduleDetection]);
  return {
    ...host,
    getSourceFile: (path, version, ...others) => {
      const format = typeof version === 'object' ? String(version.impliedNodeFormat) : '';
      return shared(parsed, path, `${key} ${path} ${format}`, () => read(path, version, ...others));
    },
    resolveModuleNameLiterals: (names, path, redirected, own, source) =>
      shared(resolved, path, `${key} ${path}`, () =>
        names.map((name) =>
          ts.resolveModuleName(
            name.text,
            path,
            own,
            host,
            undefined,
            redirected,
            ts.getModeForUsageLocation(source, name, own),
          ),
        ),
      ),
  };

  function shared<Value>(cache: Map<string, Value>, path: string, id: string, make: () => Value): Value {
    if (path.startsWith(folder)) return make();
    const known = cache.get(id);
    if (known !== undefined) return known;
    const made = make();
    cache.set(id, made);
    return made;
  }
}

/** Returns the errors in the sources of a project, with their place. */
export function errorsOf(program: ts.Program, folder: string): string[] {
  return sourcesOf(program, folder).flatMap((source) =>
    [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ code, messageText, start = 0 }) => {
        const { line } = source.getLineAndCharacterOfPosition(start);
        const path = source.fileName.slice(folder.length + 1);
        return `${path}:${line + 1} TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    ),
  );
}

function sourcesOf(program: ts.Program, folder: string): ts.SourceFile[] {
  return program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${folder}/`));
}
