import { join } from 'node:path';
import * as ts from 'typescript';
import { ROOT } from './pages';

const MODULES = [
  '@nest-jetstream/transport',
  '@nest-jetstream/transport/opentelemetry',
  '@nest-jetstream/transport/prometheus',
  '@nest-jetstream/transport/testing',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/microservices',
  '@nestjs/testing',
];

interface KnownName {
  readonly module: string;
  readonly isType: boolean;
}

let names: Map<string, KnownName> | undefined;

/** Returns the imports that an editor would add to a block without any, in one line. */
export function knownImports(code: string): string {
  names ??= exportedNames();
  const declared = new Set(
    [...code.matchAll(/^(?:export )?(?:declare )?(?:const|class|interface|type|function) (\w+)/gm)].map(
      ([, name]) => name,
    ),
  );
  const words = new Set(withoutComments(code).match(/[\w$]+/g));
  return [...words]
    .flatMap((name) => {
      const known = names?.get(name);
      if (!known || declared.has(name)) return [];
      return [`import ${known.isType ? 'type ' : ''}{ ${name} } from '${known.module}';`];
    })
    .join(' ');
}

const withoutComments = (code: string): string => code.replace(/\/\/.*$|'[^'\n]*'/gm, ' ');

function exportedNames(): Map<string, KnownName> {
  const found = new Map<string, KnownName>();
  const entry = join(ROOT, 'test', 'docs', 'frame', 'entry.ts');
  const text = MODULES.map((module, index) => `import * as m${index} from '${module}'; m${index};`).join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([entry], options, {
    ...host,
    fileExists: (path) => path === entry || host.fileExists(path),
    getSourceFile: (path, version, ...rest) =>
      path === entry ? ts.createSourceFile(path, text, version) : host.getSourceFile(path, version, ...rest),
  });
  const checker = program.getTypeChecker();
  for (const statement of program.getSourceFile(entry)?.statements ?? []) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const module = checker.getSymbolAtLocation(statement.moduleSpecifier);
    if (!module) throw new Error(`${statement.moduleSpecifier.text} is not installed, or not built.`);
    for (const symbol of checker.getExportsOfModule(module)) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      // The first module that exports a name takes precedence.
      if (!found.has(symbol.name))
        found.set(symbol.name, {
          module: statement.moduleSpecifier.text,
          isType: !(target.flags & ts.SymbolFlags.Value),
        });
    }
  }
  return found;
}
