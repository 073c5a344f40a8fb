import { detectImportExtension } from '../../schematics/shared/project/detect-import-extension';
import { readNestProject } from '../../schematics/shared/project/nest-project';
import { treeOf } from './support/project-tree';

const extensionOf = (files: Readonly<Record<string, string>>, type = 'module'): string => {
  const tree = treeOf({ 'package.json': JSON.stringify({ name: 'shop', type }), ...files });
  return detectImportExtension(tree, readNestProject(tree, {}));
};
const imports = (...specifiers: string[]): string =>
  specifiers.map((each) => `import { X } from '${each}';\n`).join('');

describe('detectImportExtension', () => {
  it.each<[what: string, files: Record<string, string>, type: string, extension: string]>([
    ['most imports without one', { 'src/main.ts': imports('./a.js'), 'src/a.ts': imports('./b', './c') }, 'module', ''],
    ['most imports with .js', { 'src/main.ts': imports('./a'), 'src/a.ts': imports('./b.js', './c.js') }, '', '.js'],
    ['imports with .ts', { 'src/main.ts': imports('./a.ts') }, 'module', '.ts'],
    ['exports from other files', { 'src/index.ts': "export * from './a';\n" }, 'module', ''],
    ['a side-effect import first', { 'src/main.ts': `import './tracing.js';\n${imports('./a')}` }, 'module', ''],
    ['an import of JSON first', { 'src/main.ts': imports('../package.json', './a.js') }, '', '.js'],
    ['an import of another file type', { 'src/main.ts': imports('./query.sql', './a.js') }, '', '.js'],
    ['an import of a JavaScript file', { 'src/main.ts': imports('./old.js'), 'src/old.js': '' }, '', ''],
    ['a dotted name without one', { 'src/main.ts': imports('./app.module') }, 'module', ''],
    ['as many of each, in an ESM package', { 'src/main.ts': imports('./a', './b.js') }, 'module', '.js'],
    ['as many of each, in a CommonJS package', { 'src/main.ts': imports('./a', './b.js') }, 'commonjs', ''],
    ['no relative import, in an ESM package', { 'src/main.ts': imports('@nestjs/core') }, 'module', '.js'],
    ['no relative import, in a CommonJS package', { 'src/main.ts': imports('@nestjs/core') }, '', ''],
  ])('decides for %s', (_what, files, type, extension) => {
    expect(extensionOf(files, type)).toBe(extension);
  });
});
