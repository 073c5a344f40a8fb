import { basename } from 'node:path';
import { getLibFiles } from '@ts-morph/common';
import { ts } from '../shared/source/typescript';

const LIB_FOLDER = '/__lib';
const TRANSPORT = /\/@nest-jetstream\/transport\/.*\.d\.ts$/;

/** Packages that rarely occur in event types. Parsing them takes half of the time. */
const SKIPPED = /^(@nestjs\/|@nats-io\/|rxjs(\/|$)|express(\/|$)|fastify(\/|$)|reflect-metadata$)/;
const MENTION = /['"](@nestjs\/|@nats-io\/|(rxjs|express|fastify|reflect-metadata)['"/])/;

/** Returns true for a module that a lean host does not resolve. */
export function isSkipped(specifier: string): boolean {
  return SKIPPED.test(specifier);
}

/** Returns true for a text that may import such a module. */
export function mentionsSkipped(text: string): boolean {
  return MENTION.test(text);
}

/**
 * Creates a host with the library files of the bundled compiler. Those of the project may not fit.
 * A lean host does not resolve packages of {@link isSkipped}.
 */
export function compilerHost(options: ts.CompilerOptions, root: string, isLean: boolean): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const libraries = new Map(getLibFiles().map(({ fileName, text }) => [fileName, text]));
  const libraryText = (path: string): string | undefined =>
    path.startsWith(`${LIB_FOLDER}/`) ? libraries.get(basename(path)) : undefined;
  const cache = ts.createModuleResolutionCache(root, (path) => host.getCanonicalFileName(path), options);
  return {
    ...host,
    getDefaultLibLocation: () => LIB_FOLDER,
    getDefaultLibFileName: (given) => `${LIB_FOLDER}/${ts.getDefaultLibFileName(given)}`,
    fileExists: (path) => libraryText(path) !== undefined || host.fileExists(path),
    readFile: (path) => libraryText(path) ?? host.readFile(path),
    getSourceFile: (path, version, ...others) => {
      const text = libraryText(path);
      if (text !== undefined) return ts.createSourceFile(path, text, withoutComments(version));
      return host.getSourceFile(path, TRANSPORT.test(path) ? withoutComments(version) : version, ...others);
    },
    resolveModuleNameLiterals: (names, path, redirected, given, source) =>
      names.map((name) =>
        isLean && isSkipped(name.text)
          ? { resolvedModule: undefined }
          : ts.resolveModuleName(
              name.text,
              path,
              given,
              host,
              cache,
              redirected,
              ts.getModeForUsageLocation(source, name, given),
            ),
      ),
  };
}

/**
 * Returns the libraries of the language without those of browsers, which are six times as large.
 */
export function languageLibraries(options: ts.CompilerOptions): string[] {
  const usual = ts
    .getDefaultLibFileName(options)
    .replace('.full.', '.')
    .replace(/^lib\.d\.ts$/, 'lib.es5.d.ts');
  const chosen = options.lib ?? [usual.replace('lib.es6.', 'lib.es2015.')];
  return chosen.filter((name) => !/^lib\.(dom|webworker|scripthost)\b/.test(name));
}

/** Returns options without comments, because only those of events are read. */
function withoutComments(version: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.CreateSourceFileOptions {
  const options = typeof version === 'object' ? version : { languageVersion: version };
  return { ...options, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
}
