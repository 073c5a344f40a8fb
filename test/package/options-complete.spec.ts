import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '../..');

const documents = ['options.md', 'consumers.md']
  .map((name) => readFileSync(join(ROOT, 'docs', name), 'utf8'))
  .join('\n');

/**
 * Names in backticks in the tables: our options in the first column, and nats.js's fields in the
 * fifth, or in the second of the generated tables of four columns and fewer.
 */
const named = new Set(
  documents
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|'))
    .flatMap((cells) =>
      [...`${cells[1]} ${cells.length > 6 ? cells[5] : cells[2]}`.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    ),
);

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
];

const fields = fieldsOf(TYPES);

it.each(TYPES)('each field of %s %s has its row', (_package, type) => {
  const names = fields.get(type) ?? [];
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !named.has(name))).toEqual([]);
});

/** As the compiler knows them, so that a new version of nats.js shows what it added. */
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
