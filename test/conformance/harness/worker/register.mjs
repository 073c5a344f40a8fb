// Runs the TypeScript sources with the transform of jest, so that workers never use a stale build.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';
import config from '../../../../jest.config.mjs';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const [, swc] = config.transform['^.+\\.ts$'];
const mapped = Object.entries(config.moduleNameMapper);

registerHooks({
  resolve(specifier, context, next) {
    const source = sourceOf(specifier, context.parentURL);
    return source
      ? { url: pathToFileURL(source).href, format: 'commonjs', shortCircuit: true }
      : next(specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...swc, filename, swcrc: false });
    return { format: 'commonjs', source: code, shortCircuit: true };
  },
});

function sourceOf(specifier, parentURL) {
  const [, file] = mapped.find(([pattern]) => new RegExp(pattern).test(specifier)) ?? [];
  if (file) return file.replace('<rootDir>', root);
  if (!specifier.startsWith('.') || !parentURL?.endsWith('.ts')) return undefined;
  const path = fileURLToPath(new URL(specifier, parentURL));
  return [`${path}.ts`, join(path, 'index.ts')].find((candidate) => existsSync(candidate));
}
