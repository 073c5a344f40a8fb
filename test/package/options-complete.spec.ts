import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { KNOWN_OPTIONS } from '../../runtime/src/session/known-options';

const ROOT = join(__dirname, '../..');

/** Names in backticks in the first columns of the tables of a page. */
function namesOf(page: string, columns: number): Set<string> {
  const tables = readFileSync(join(ROOT, 'docs', page), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const cells = tables.flatMap((line) => line.split('|').slice(1, columns + 1));
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)));
}

/** Our options, and the fields of nats.js that no option of ours has. */
const described = new Set([...namesOf('options.md', 1), ...namesOf('consumers.md', 1)]);
/** The second column has the server field of an option that is refused. */
const known = new Set([...described, ...namesOf('options.md', 2), ...namesOf('internals/options.md', 2)]);

const TYPES: [string, string][] = [
  ['@nats-io/jetstream', 'StreamConfig'],
  ['@nats-io/jetstream', 'ConsumerConfig'],
  ['@nats-io/jetstream', 'JetStreamOptions'],
  ['@nats-io/jetstream', 'JetStreamPublishOptions'],
  ['@nats-io/transport-node', 'NodeConnectionOptions'],
  ['./runtime/src/index', 'NatsConnectionOptions'],
  ['./runtime/src/index', 'JetStreamApiOptions'],
  ['./runtime/src/index', 'PublishOptions'],
  ['./runtime/src/index', 'ConsumerOptions'],
  ['./runtime/src/index', 'StreamOptions'],
  ['./runtime/src/index', 'DeadLetterStreamOptions'],
];

const fields = fieldsOf(TYPES);

it.each(TYPES)('each field of %s %s has its row', (_package, type) => {
  const names = fields.get(type) ?? [];
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

it.each(TYPES.filter(([from]) => from.startsWith('.')))('each option of %s %s is described to users', (_, type) => {
  expect((fields.get(type) ?? []).filter((name) => !described.has(name))).toEqual([]);
});

it('each option of register is described to users', () => {
  expect(Object.keys(KNOWN_OPTIONS).filter((name) => !described.has(name))).toEqual([]);
});

/**
 * Returns the fields of each type from the compiler, so that a new version of nats.js is noticed.
 */
function fieldsOf(types: readonly [string, string][]): Map<string, string[]> {
  const file = join(ROOT, 'fields.ts');
  const source = types.map(([from, type]) => `export type { ${type} } from '${from}';`).join('\n');
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] };
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([file], options, {
    ...host,
    fileExists: (name) => name === file || host.fileExists(name),
    readFile: (name) => (name === file ? source : host.readFile(name)),
    getSourceFile: (name, language) =>
      name === file ? ts.createSourceFile(name, source, language) : host.getSourceFile(name, language),
  });
  const checker = program.getTypeChecker();
  const parsed = program.getSourceFile(file);
  const module = parsed && checker.getSymbolAtLocation(parsed);
  if (!module) throw new Error('The types were not found.');
  return new Map(
    checker.getExportsOfModule(module).map((symbol) => {
      const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
      return [symbol.name, checker.getPropertiesOfType(type).map(({ name }) => name)];
    }),
  );
}
