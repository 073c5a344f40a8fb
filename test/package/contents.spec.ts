import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Manifest, packedFiles, readManifest, unpackedSize } from './packed';

const ROOT = join(__dirname, '..', '..');
const RUNTIME = join(ROOT, 'runtime');

/** Every relative path that a manifest points to. */
function targetsOf(manifest: Manifest): string[] {
  const targets = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(targets);
  return [manifest.exports, manifest.bin, manifest.main, manifest.types, manifest.typesVersions, manifest.schematics]
    .flatMap(targets)
    .map((path) => path.replace(/^\.\//, ''));
}

describe.each([
  { name: 'nest-jetstream', folder: ROOT },
  { name: '@nest-jetstream/transport', folder: RUNTIME },
])('the package $name', ({ name, folder }) => {
  const manifest = readManifest(folder);
  const files = packedFiles(folder);

  it('is the one that it says', () => {
    expect(manifest).toMatchObject({ name, license: 'MIT', engines: { node: '>=20.19' } });
  });

  it('brings its licence and its README', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
  });

  it('exports its manifest, which the Nest CLI reads', () => {
    expect(manifest.exports).toHaveProperty(['./package.json'], './package.json');
  });

  it('has every file that its manifest points to', () => {
    expect(files).toEqual(expect.arrayContaining(targetsOf(manifest)));
  });

  it('has no tests and no build state', () => {
    expect(
      files.filter((file) => /\.(spec|test)\.(d\.ts|js|js\.map|ts)$|(^|\/)tests?\/|tsbuildinfo|\.tgz$/.test(file)),
    ).toEqual([]);
  });
});

describe('nest-jetstream', () => {
  const files = packedFiles(ROOT);

  it('has the factory and the schema of every schematic', () => {
    const collection: { schematics: Record<string, { factory: string; schema: string }> } = JSON.parse(
      readFileSync(join(ROOT, 'collection.json'), 'utf8'),
    );
    const needed = Object.values(collection.schematics).flatMap(({ factory, schema }) => [
      `${join('dist', factory.replace(/#.*/, ''))}.js`,
      join('dist', schema),
    ]);

    expect(files).toEqual(expect.arrayContaining(needed));
  });

  it('resolves to the folder of its collection, where CLIs of Nest 9 and 10 look for it', () => {
    const { exports } = readManifest(ROOT);
    expect(exports).toHaveProperty(['.'], './dist/collection.json');
  });

  it('has templates', () => {
    expect(files.filter((file) => file.startsWith('dist/templates/'))).not.toEqual([]);
  });

  it('has nothing else but the rule of names that it shares with the transport', () => {
    const wanted =
      /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|dist\/collection\.json|dist\/templates\/.*|dist\/schematics\/.*\/schema\.json|dist\/(cli|nats-server|schematics)\/.*\.(js|d\.ts))$/;

    expect(files.filter((file) => !wanted.test(file)).toSorted()).toEqual([
      'dist/runtime/src/util/derived-name.d.ts',
      'dist/runtime/src/util/derived-name.js',
    ]);
  });
});

describe('@nest-jetstream/transport', () => {
  it('has nothing but its code, its types, and the page that errors lead to', () => {
    const wanted = /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|dist\/troubleshooting\.md|dist\/.*\.(js|d\.ts))$/;

    expect(packedFiles(RUNTIME).filter((file) => !wanted.test(file))).toEqual([]);
  });

  // With its dependencies (fixed versions, 1,137 KB) it adds less than 2.6 MB. The aim is 3 MB.
  it('is small enough', () => {
    expect(unpackedSize(RUNTIME)).toBeLessThan((2.6 * 1_024 - 1_137) * 1_024);
  });

  // See bench/footprint/RESULTS.md. The aim is 60 KB.
  it('has a small board', () => {
    const board = packedFiles(RUNTIME).filter((file) => file.startsWith('dist/board/'));
    const textOf = (files: readonly string[]) =>
      files.map((file) => readFileSync(join(RUNTIME, file), 'utf8')).join('');
    expect(board.length).toBeGreaterThan(10);
    expect(gzipSync(textOf(board)).length).toBeLessThan(30 * 1_024);
    expect(textOf(board.filter((file) => file.endsWith('.js'))).length).toBeLessThan(75 * 1_024);
    expect(textOf(['dist/board/assets.js']).length).toBeLessThan(6 * 1_024);
  });

  it('says of each subpath where its types are to a compiler that does not read exports, too', () => {
    const { exports, typesVersions } = readManifest(RUNTIME);
    const modules = Object.entries(exports ?? {}).filter(([path]) => /^\.\/(?!package\.json)/.test(path));
    const types = modules.map(([path, { types: file }]) => [path.slice('./'.length), [file]]);

    expect(typesVersions).toEqual({ '*': Object.fromEntries(types) });
  });
});
