import { dirname, join } from 'node:path';
import { describeImport, importsInCycles, readImportGraph } from '../support/import-graph';

const SOURCES = join(__dirname, '..', '..', 'runtime', 'src');

/**
 * Folders of runtime/src, lowest first. Each may import only from those before it. Files directly
 * in runtime/src are exempt. Consumer options are a layer of their own, because the session checks
 * the options of all layers.
 */
const LAYERS = [
  'errors',
  'util',
  'telemetry',
  'subject',
  'codec',
  'connection',
  'stream',
  'message',
  'consumer/options',
  'session',
  'client',
  'consumer',
  'responder',
  'dead-letter',
  'handler',
  'health',
  'server',
  'admin',
  'module',
  'operations',
  'board',
  'opentelemetry',
  'prometheus',
  'testing',
];

const { files, imports } = readImportGraph(SOURCES);

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
    expect(upwards.map(describeImport)).toEqual([]);
  });

  it('have no cycle within a layer', () => {
    // Files directly in a layer combine its folders and share code between them.
    const between = imports.filter(
      ({ from, to }) =>
        isNested(from) && isNested(to) && layerOf(from) === layerOf(to) && dirname(from) !== dirname(to),
    );
    expect(importsInCycles(between).map(describeImport)).toEqual([]);
  });
});

function layerOf(file: string): string {
  const [folder = '', inner] = file.split('/');
  const nested = `${folder}/${inner}`;
  return LAYERS.includes(nested) ? nested : folder;
}

function isNested(file: string): boolean {
  return file.split('/').length > 2;
}
