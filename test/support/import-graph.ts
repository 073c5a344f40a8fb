import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { descendants, parseText } from '../../schematics/shared/source/parse';
import { ts } from '../../schematics/shared/source/typescript';

/** An import of one source file by another. Paths are relative to the folder that was read. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

export interface ImportGraph {
  readonly files: readonly string[];
  readonly imports: readonly Import[];
}

/** Reads the relative imports, of values and of types, of all TypeScript files below a folder. */
export function readImportGraph(root: string): ImportGraph {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => file.split(sep).join('/'));
  return { files, imports: files.flatMap((from) => importsOf(root, from).map((to) => ({ from, to }))) };
}

/** Returns the imports on a cycle of units, which are folders unless `unitOf` says otherwise. */
export function importsInCycles(all: readonly Import[], unitOf: (file: string) => string = dirname): Import[] {
  const reachable = (start: string): Set<string> => {
    const found = new Set<string>();
    const left = [start];
    for (let unit = left.pop(); unit !== undefined; unit = left.pop()) {
      for (const { from, to } of all) {
        if (unitOf(from) !== unit || found.has(unitOf(to))) continue;
        found.add(unitOf(to));
        left.push(unitOf(to));
      }
    }
    return found;
  };
  return all.filter(({ from, to }) => unitOf(from) !== unitOf(to) && reachable(unitOf(to)).has(unitOf(from)));
}

export function describeImport({ from, to }: Import): string {
  return `${from} imports ${to}`;
}

function importsOf(root: string, file: string): string[] {
  const source = parseText(file, readFileSync(join(root, file), 'utf8'));
  const paths = [...descendants(source)].map(moduleOf).filter((path) => path?.startsWith('.'));
  return paths.map((path) => `${posix.join(dirname(file), path ?? '').replace(/\.js$/, '')}.ts`);
}

function moduleOf(node: ts.Node): string | undefined {
  const module = moduleExpression(node);
  return module && ts.isStringLiteral(module) ? module.text : undefined;
}

function moduleExpression(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  // `import('./x.js')` and `require('./x')`.
  if (!ts.isCallExpression(node)) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require';
  return isImport ? node.arguments[0] : undefined;
}
