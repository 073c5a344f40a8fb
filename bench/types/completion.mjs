import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TIMES = 15;

/**
 * Measures the time to completions in ms, after each of several keystrokes in the middle of the
 * contract. It uses the language service of TypeScript 6, as tsserver does.
 * @param {string} begin start of the call to complete, the first one after the middle
 * @param {string} typedText text after it
 * @param {string} expected completion that should be offered
 * @returns {{ times: number[], offered: boolean }}
 */
export function timeCompletion(project, begin, typedText, expected) {
  const { ts, options, lib } = prepare(project);
  const source = readFileSync(project.file, 'utf8');
  const place = source.indexOf(begin, source.length / 2);
  const before = `${source.slice(0, place)}${begin}${typedText}`;
  const after = `)${begin.startsWith('@') ? '' : ';'}\n    ${source.slice(place)}`;
  let typed = '';
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [project.file],
    getScriptVersion: (file) => (file === project.file ? String(typed.length) : '0'),
    getScriptSnapshot: (file) => {
      const text = file === project.file ? `${before}${typed}${after}` : ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => project.path,
    getDefaultLibFileName: (settings) => join(lib, ts.getDefaultLibFileName(settings)),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  const times = [];
  let offered = true;
  for (let time = 0; time <= TIMES; time++) {
    const since = performance.now();
    const completions = service.getCompletionsAtPosition(project.file, before.length + typed.length, {});
    times.push(performance.now() - since);
    offered &&= completions?.entries.some(({ name }) => name === expected) ?? false;
    typed += ' ';
  }
  service.dispose();
  // The first request also opens the project, so it is left out.
  return { times: times.slice(1), offered };
}

function prepare(project) {
  const require = createRequire(project.file);
  const ts = require('ts-6');
  const { config } = ts.readConfigFile(join(project.path, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, project.path);
  return { ts, options, lib: dirname(require.resolve('ts-6')) };
}
