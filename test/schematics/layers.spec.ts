import { dirname, join } from 'node:path';
import { describeImport, importsInCycles, readImportGraph } from '../support/import-graph';

const ROOT = join(__dirname, '..', '..');

/** Folders of schematics/shared. Each may import only from the ones before it. */
const SHARED_LAYERS = [
  'naming',
  'subject',
  'prompt',
  'source',
  'template',
  'edit',
  'fields',
  'project',
  'context.ts',
  'stream',
  'event',
];

/** Files beside the folders count for themselves: some are leaves, others compose the folders. */
function unitOf(file: string): string {
  return dirname(file) === '.' ? file : dirname(file);
}

/** Returns -1 for the files beside the folders, except for context.ts. */
function layerOf(file: string): number {
  return SHARED_LAYERS.indexOf(file.split('/')[0] ?? file);
}

describe.each(['schematics', 'schematics/shared', 'cli', 'nats-server'])('imports below %s', (folder) => {
  const { files, imports } = readImportGraph(join(ROOT, folder));

  it('are read', () => {
    expect(imports.length).toBeGreaterThan(files.length / 2);
  });

  it('form no cycle of files', () => {
    expect(importsInCycles(imports, (file) => file).map(describeImport)).toEqual([]);
  });

  it('form no cycle of folders', () => {
    // Seen from schematics, `shared` is one folder: its inner order is checked separately.
    const within = folder === 'schematics' ? (file: string) => file.split('/')[0] ?? file : unitOf;
    expect(importsInCycles(imports, within).map(describeImport)).toEqual([]);
  });
});

describe('imports below schematics/shared', () => {
  const { files, imports } = readImportGraph(join(ROOT, 'schematics', 'shared'));

  it('start in a folder of the list', () => {
    expect(files.filter((file) => file.includes('/') && layerOf(file) === -1)).toEqual([]);
  });

  it('lead to earlier layers', () => {
    const upwards = imports.filter(({ from, to }) => layerOf(from) !== -1 && layerOf(from) < layerOf(to));
    expect(upwards.map(describeImport)).toEqual([]);
  });
});

describe('imports of a schematic', () => {
  it('lead to its own folder, to shared, to what other packages share, or from import to what it runs', () => {
    const { imports } = readImportGraph(join(ROOT, 'schematics'));
    const across = imports.filter(({ from, to }) => dirname(from) !== dirname(to) && !to.startsWith('shared/'));
    const common = new Set(['../nats-server/version.ts', '../runtime/src/util/derived-name.ts']);
    const generators = new Set(['jetstream-consumer/factory.ts', 'jetstream-publisher/factory.ts']);
    const others = across
      .filter(({ from, to }) => !from.startsWith('shared/') && !common.has(to))
      .filter(({ from, to }) => !(from === 'jetstream-import/factory.ts' && generators.has(to)));
    expect(others.map(describeImport)).toEqual([]);
  });
});
