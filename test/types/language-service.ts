import { join } from 'node:path';
import * as ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  experimentalDecorators: true,
  strict: true,
};

// Parsed declaration files are shared.
const registry = ts.createDocumentRegistry();

/** A file that is open in an editor. */
export interface OpenFile {
  readonly service: ts.LanguageService;
  readonly file: string;
}

/** Opens a file of the folder with this code, in the language service that tsserver uses. */
export function openFile(folder: string, content: string): OpenFile {
  const file = join(folder, 'editor.ts');
  const read = (path: string): string | undefined => (path === file ? content : ts.sys.readFile(path));
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => [file],
    getScriptVersion: (path) => (path === file ? content : ''),
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: read,
    directoryExists: (path) => ts.sys.directoryExists(path),
  };
  return { service: ts.createLanguageService(host, registry), file };
}
