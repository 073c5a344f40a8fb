import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { descendants, parseText } from '../../schematics/source/parse';
import { ts } from '../../schematics/source/typescript';

const SOURCES = join(__dirname, '..', '..', 'runtime', 'src');

/**
 * Folders of runtime/src. Each may import only from the folders before it; `index.ts` and other
 * files beside them are free. The options of consumers are a layer of their own: the session checks
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

describe('folders of runtime/src', () => {
  it('are each in the list of layers', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map(layerOf));
    expect([...folders].filter((folder) => !LAYERS.includes(folder))).toEqual([]);
  });

  it('import only from layers before them', () => {
    const upwards = imports.filter(({ from, to }) => {
      const [importer, imported] = [from, to].map((file) => LAYERS.indexOf(layerOf(file)));
      return importer !== undefined && imported !== undefined && importer >= 0 && importer < imported;
    });
    expect(upwards.map(described)).toEqual([]);
  });

  it('have no cycle among the folders of one layer', () => {
    // Files that stand beside these folders put them together, and hold what they share.
    const between = imports.filter(
      ({ from, to }) =>
        isNested(from) && isNested(to) && layerOf(from) === layerOf(to) && dirname(from) !== dirname(to),
    );
    expect(inCycles(between).map(described)).toEqual([]);
  });
});

/** Paths of the files that one file imports, as values or types, relative to runtime/src. */
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

/** The imports whose target's folder leads back to their own. */
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
