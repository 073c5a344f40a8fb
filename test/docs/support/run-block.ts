import { runInNewContext } from 'node:vm';
import * as ts from 'typescript';
import { blocksOf } from './markdown';
import { readPage } from './pages';

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  experimentalDecorators: true,
};

/**
 * Runs a block of a page that is a file, and returns its exports.
 * @param modules the modules that it may import
 */
export function runBlock(page: string, file: string, modules: Readonly<Record<string, unknown>> = {}): object {
  const block = blocksOf(readPage(page)).find(({ code }) => code.startsWith(`// ${file}\n`));
  if (!block) throw new Error(`${page} has no ${file}.`);
  const { outputText } = ts.transpileModule(block.code, { compilerOptions: OPTIONS });
  const exports = {};
  const require = (name: string): unknown => {
    if (!(name in modules)) throw new Error(`${file} imports ${name}, which the test does not provide.`);
    return modules[name];
  };
  runInNewContext(outputText, { exports, require, TextDecoder });
  return exports;
}
