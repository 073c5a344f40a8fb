import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import type { CompileError } from '../../types/compile-cases';
import { blocksOf, type CodeBlock } from './markdown';
import { knownImports } from './known-imports';
import { ROOT } from './pages';

const FRAME = join(__dirname, '..', 'frame');
/** Declarations of packages that the pages use. */
const NOT_INSTALLED = ['config.d.ts', 'outbox.d.ts', 'terminus.d.ts'];
const DECLARATIONS = join(ROOT, 'runtime', 'dist', 'index.d.ts');
/** A block that is a file of the page's project: its first line is a comment that names it. */
const FILE_NAME = /^\/\/ (?<name>[\w./-]+\.ts)$/;
const HAS_IMPORT = /^import /m;

/** Generated files of the project whose page shows only some of its files. */
const SHOP = new Map(
  ['app.module.ts', 'orders/orders.events.ts'].map((file) => [
    file,
    readFileSync(join(ROOT, 'test', 'testing', 'guide', file), 'utf8'),
  ]),
);

/** A block for the compiler. Its line numbers are those of the page. */
export interface BlockSource {
  readonly page: string;
  readonly file: string;
  readonly text: string;
  /** True if it has imports or a file name, and so needs no frame. */
  readonly complete: boolean;
}

/** Returns the TypeScript blocks of a page, each as a file of a project. */
export function sourcesOf(page: string, markdown: string): BlockSource[] {
  const blocks = blocksOf(markdown).filter(({ info }) => /^ts( class)?$/.test(info));
  return blocks.map((block) => {
    const { name } = FILE_NAME.exec(block.code.split('\n', 1)[0] ?? '')?.groups ?? {};
    return {
      page,
      file: `${folderOf(page)}/${name ?? `block-${block.line}.ts`}`,
      text: framed(block),
      complete: name !== undefined || HAS_IMPORT.test(block.code),
    };
  });
}

function framed({ info, line, code }: CodeBlock): string {
  const before = HAS_IMPORT.test(code) ? '' : knownImports(code);
  const above = '\n'.repeat(line - 2);
  if (info !== 'ts class') return `${before}${above}\n${code}\nexport {};\n`;
  return `import { ClassOfBlock } from 'frame'; ${before}${above}export class Block extends ClassOfBlock {\n${code}\n}\n`;
}

/** Returns the compile errors of each block, by its file. */
export function compileBlocks(sources: readonly BlockSource[]): Map<string, CompileError[]> {
  if (!existsSync(DECLARATIONS)) throw new Error(`${DECLARATIONS} is missing. Run \`npm run build\` first.`);
  const errors = new Map<string, CompileError[]>(sources.map(({ file }) => [file, []]));
  for (const complete of [true, false]) {
    const chosen = sources.filter((source) => source.complete === complete);
    const known = complete ? NOT_INSTALLED : [...NOT_INSTALLED, 'frame.ts'];
    for (const { file, line, message } of diagnose(chosen, known)) {
      const found = errors.get(file);
      if (!found) throw new Error(`Not of a block: ${file}:${line}: ${message}`);
      found.push({ line, message });
    }
  }
  return errors;
}

function diagnose(sources: readonly BlockSource[], known: readonly string[]): (CompileError & { file: string })[] {
  const config = ts.readConfigFile(join(FRAME, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const parsed = ts.parseJsonConfigFileContent(config.config, ts.sys, FRAME, { noEmit: true });
  // Placed in the folder of the frame, so that packages are found from there.
  const texts = new Map(sources.map(({ file, text }) => [join(FRAME, file), text]));
  for (const { page, file } of sources) {
    for (const [name, text] of SHOP)
      if (file.includes('/src/')) addMissing(texts, join(FRAME, folderOf(page), 'src', name), text);
  }
  const folders = new Set([...texts.keys()].flatMap(foldersOf));
  const host = ts.createCompilerHost(parsed.options);
  const program = ts.createProgram({
    rootNames: [...texts.keys(), ...known.map((file) => join(FRAME, file))],
    options: { ...parsed.options, paths: { frame: [join(FRAME, 'frame.ts')] } },
    host: {
      ...host,
      fileExists: (path) => texts.has(path) || host.fileExists(path),
      directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
      readFile: (path) => texts.get(path) ?? host.readFile(path),
      getSourceFile: (path, version, ...rest) => {
        const text = texts.get(path);
        return text === undefined
          ? host.getSourceFile(path, version, ...rest)
          : ts.createSourceFile(path, text, version);
      },
    },
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => ({
    file: file?.fileName.replace(`${FRAME}/`, '') ?? '',
    line: file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0,
    message: ts.flattenDiagnosticMessageText(messageText, '\n'),
  }));
}

const folderOf = (page: string): string => page.replace(/\W/g, '-');

function addMissing(texts: Map<string, string>, path: string, text: string): void {
  if (!texts.has(path)) texts.set(path, text);
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index).join('/'));
}
