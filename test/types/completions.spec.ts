import { join } from 'node:path';
import * as ts from 'typescript';
import { STRICT_CASES } from './compile-cases';

const FILE = join(STRICT_CASES, 'editor.ts');
const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  experimentalDecorators: true,
  strict: true,
};

/** Returns the strings that an editor offers at `|` in the code. */
function completionsIn(code: string): string[] {
  const text = `import './contracts.js';
import { JetStreamConsumer, type NatsJetStreamClientProxy } from '@nest-jetstream/transport';
declare const client: NatsJetStreamClientProxy;
${code}`;
  const position = text.indexOf('|');
  const files = new Map([[FILE, text.replace('|', '')]]);
  const read = (path: string): string | undefined => files.get(path) ?? ts.sys.readFile(path);
  const service = ts.createLanguageService({
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const content = read(path);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => STRICT_CASES,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (path) => files.has(path) || ts.sys.fileExists(path),
    readFile: read,
    directoryExists: (path) => ts.sys.directoryExists(path),
  });
  const entries = service.getCompletionsAtPosition(FILE, position, undefined)?.entries ?? [];
  return entries.filter(({ kind }) => kind === ts.ScriptElementKind.string).map(({ name }) => name);
}

describe('JetStreamContracts', () => {
  it.each([
    ['emit', "client.emit('|');"],
    ['emitAsync', "void client.emitAsync('|', { id: 1 });"],
    ['request', "void client.request('|', { id: 1 });"],
    ['JetStreamConsumer', "class A { @JetStreamConsumer('|') handle(): void {} }"],
  ])('completes the listed subjects in %s', (_where, code) => {
    expect(completionsIn(code)).toEqual(expect.arrayContaining(['order.created', 'order.updated', 'payment.received']));
  });
});
