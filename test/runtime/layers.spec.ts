import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { descendants, parseText } from '../../schematics/shared/source/parse';
import { ts } from '../../schematics/shared/source/typescript';

const SOURCES = join(__dirname, '..', '..', 'runtime', 'src');

/**
 * Folders of runtime/src, lowest first. Each may import only from those before it. Files directly
 * in runtime/src are exempt. Consumer options are a layer of their own, because the session checks
 * the options of all layers.
 */
const LAYERS = [
  'errors',
  'util',
  'subject',
  'codec',
  'connection',
  'stream',
  'message',
  'consumer/options',
  'session',
  'client',
  'consumer',
  'dead-letter',
  'handler',
  'health',
  'server',
  'admin',
  'module',
  'testing',
];

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(sep).join('/'));
const imports = files.flatMap((from) => relativeImports(from).map((to): Import => ({ from, to })));

describe('Folders of runtime/src', () => {
  it('are all in the list of layers', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map(layerOf));
    expect([...folders].filter((folder) => !LAYERS.includes(folder))).toEqual([]);
  });

  it('import only from lower layers', () => {
    const upwards = imports.filter(({ from, to }) => {
      const [importer, imported] = [from, to].map((file) => LAYERS.indexOf(layerOf(file)));
      return importer !== undefined && imported !== undefined && importer >= 0 && importer < imported;
    });
    expect(upwards.map(described)).toEqual([]);
  });

  it('have no cycle within a layer', () => {
    // Files directly in a layer combine its folders and share code between them.
    const between = imports.filter(
      ({ from, to }) =>
        isNested(from) && isNested(to) && layerOf(from) === layerOf(to) && dirname(from) !== dirname(to),
    );
    expect(inCycles(between).map(described)).toEqual([]);
  });
});

/**
 * Returns the paths of the files that a file imports, as values or types, relative to runtime/src.
 */
function relativeImports(file: string): string[] {
  const source = parseText(file, readFileSync(join(SOURCES, file), 'utf8'));
  const paths = [...descendants(source)].map(moduleOf).filter((path) => path?.startsWith('.'));
  return paths.map((path) => `${posix.join(dirname(file), path ?? '')}.ts`);
}

function moduleOf(node: ts.Node): string | undefined {
  const module =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
        ? node.argument.literal
        : undefined;
  return module && ts.isStringLiteral(module) ? module.text : undefined;
}

function layerOf(file: string): string {
  const [folder = '', inner] = file.split('/');
  const nested = `${folder}/${inner}`;
  return LAYERS.includes(nested) ? nested : folder;
}

function isNested(file: string): boolean {
  return file.split('/').length > 2;
}

function described({ from, to }: Import): string {
  return `${from} imports ${to}`;
}

/** Returns the imports that are part of a cycle between folders. */
function inCycles(all: readonly Import[]): Import[] {
  const reachable = (start: string): Set<string> => {
    const found = new Set<string>();
    const left = [start];
    for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
      for (const { from, to } of all) {
        if (dirname(from) !== folder || found.has(dirname(to))) continue;
        found.add(dirname(to));
        left.push(dirname(to));
      }
    }
    return found;
  };
  return all.filter(({ from, to }) => reachable(dirname(to)).has(dirname(from)));
}
