import { basename } from 'node:path';
import { getLibFiles } from '@ts-morph/common';
import { ts } from '../shared/source/typescript';

const LIB_FOLDER = '/__lib';

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
      return text === undefined
        ? host.getSourceFile(path, version, ...others)
        : ts.createSourceFile(path, text, version);
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
