import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import type { CompileError } from '../../types/compile-cases';
import { blocksOf, type CodeBlock } from './markdown';
import { knownImports } from './known-imports';
import { ROOT } from './pages';

const FRAME = join(__dirname, '..', 'frame');
const CONFIGS = join(ROOT, 'test', 'types', 'configs');
/** Declarations of packages that the pages use. */
const NOT_INSTALLED = ['config.d.ts', 'outbox.d.ts', 'terminus.d.ts'];
/** Default tsconfigs of `nest new`. */
export const PROJECTS = ['nest-12-esm', 'nest-11'] as const;
type Project = (typeof PROJECTS)[number];
const DECLARATIONS = join(ROOT, 'runtime', 'dist', 'index.d.ts');
/** A block that is a file of the page's project: its first line is a comment that names it. */
const FILE_NAME = /^\/\/ (?<name>[\w./-]+\.ts)$/;
const HAS_IMPORT = /^import /m;

/** Generated files of the project whose page shows only some of its files. */
const SHOP = new Map(
  ['app.module.ts', 'orders/orders.events.ts'].map((file) => [
    file,
    withEndings(readFileSync(join(ROOT, 'test', 'testing', 'guide', file), 'utf8')),
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

/**
 * Returns the compile errors of blocks, by file. Without a project, they are compiled inside the
 * frame, as parts of a program. In a project, each is a file that a reader pasted.
 */
export function compileBlocks(sources: readonly BlockSource[], project?: Project): Map<string, CompileError[]> {
  if (!existsSync(DECLARATIONS)) throw new Error(`${DECLARATIONS} is missing. Run \`npm run build\` first.`);
  const errors = new Map<string, CompileError[]>(sources.map(({ file }) => [file, []]));
  for (const { file, line, message } of diagnose(sources, project)) {
    const found = errors.get(file);
    if (!found) throw new Error(`Not of a block: ${file}:${line}: ${message}`);
    found.push({ line, message });
  }
  return errors;
}

function diagnose(sources: readonly BlockSource[], project?: Project): (CompileError & { file: string })[] {
  // The package.json of the folder decides if the blocks are ES modules.
  const folder = project === undefined ? FRAME : join(CONFIGS, project);
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const added = { noEmit: true, incremental: false, rootDir: ROOT, types: ['node', 'jest'] };
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, folder, added);
  const texts = new Map(sources.map(({ file, text }) => [join(folder, file), text]));
  for (const { page, file } of sources) {
    for (const [name, text] of SHOP)
      if (file.includes('/src/')) addMissing(texts, join(folder, folderOf(page), 'src', name), text);
  }
  const folders = new Set([...texts.keys()].flatMap(foldersOf));
  const host = ts.createCompilerHost(parsed.options);
  const known = project === undefined ? [...NOT_INSTALLED, 'frame.ts'] : NOT_INSTALLED;
  const program = ts.createProgram({
    rootNames: [...texts.keys(), ...known.map((file) => join(FRAME, file))],
    options: { ...parsed.options, ...(project === undefined ? { paths: { frame: [join(FRAME, 'frame.ts')] } } : {}) },
    host: {
      ...host,
      fileExists: (path) => texts.has(path) || host.fileExists(path),
      directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
      readFile: (path) => texts.get(path) ?? host.readFile(path),
      getSourceFile: (path, version, ...rest) => {
        const text = texts.get(path);
        if (text === undefined) return host.getSourceFile(path, version, ...rest);
        return ts.createSourceFile(path, text, version);
      },
    },
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => ({
    file: file?.fileName.replace(`${folder}/`, '') ?? '',
    line: file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0,
    message: ts.flattenDiagnosticMessageText(messageText, '\n'),
  }));
}

/** Adds the file endings that ES modules need to imports. */
function withEndings(text: string): string {
  return text.replace(/from '(\.[^']*)'/g, "from '$1.js'");
}

const folderOf = (page: string): string => page.replace(/\W/g, '-');

function addMissing(texts: Map<string, string>, path: string, text: string): void {
  if (!texts.has(path)) texts.set(path, text);
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index).join('/'));
}
