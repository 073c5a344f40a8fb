import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { CONFLICTS } from '../../runtime/src/consumer/options/option-rules';
import { CONSUMER_OPTIONS, UNSUPPORTED_OPTIONS, type OptionRow } from '../../runtime/src/consumer/options/option-table';

const SOURCE = join(__dirname, '../../runtime/src/consumer/options/consumer-options.ts');
const KINDS = { pull: undefined, push: 'deliverTo', ordered: 'orderedConsumer', batch: 'batch' } as const;
type Kind = keyof typeof KINDS;
const options = Object.entries<OptionRow>(CONSUMER_OPTIONS);
const declared = declaredIn(SOURCE);

/**
 * Returns the lines of the tables in docs/options.md, generated from the option table and the
 * comments of the option types.
 */
export const CONSUMER_TABLES = {
  user: {
    options: table(
      ['Option', 'Type', 'Default', 'Meaning'],
      options.map(([name, row]) => [
        namesOf(name, row),
        declared.get(name)?.type ?? '',
        defaultOf(row),
        declared.get(name)?.description ?? '',
      ]),
    ),
    kinds: kindLines(),
    unsupported: table(
      ['Option', 'Server field', 'Why'],
      Object.entries(UNSUPPORTED_OPTIONS).map(([name, { field, because }]) => [
        code(name),
        code(field),
        `${because.charAt(0).toUpperCase()}${because.slice(1)}.`,
      ]),
    ),
  },
  internal: {
    fields: table(
      ['Option', 'Server field', 'Can change', 'Value when absent'],
      options.flatMap(([name, { server = [] }]) =>
        server.map(({ field, changeable, absent }) => [
          code(name),
          code(field),
          changeable ? 'yes' : 'no',
          shown(absent?.({})),
        ]),
      ),
    ),
  },
} satisfies Record<string, Record<string, string[]>>;

function table(header: string[], rows: string[][]): string[] {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function namesOf(name: string, { aliases = [] }: OptionRow): string {
  return [name, ...aliases].map(code).join(', ');
}

function defaultOf(row: OptionRow): string {
  if (row.usually !== undefined) return row.usually;
  const { default: value } = row;
  if (value === undefined) return '—';
  return code(Array.isArray(value) ? value.join(', ') : JSON.stringify(value).replaceAll('"', "'"));
}

/** The options that each kind of consumer does not support, and those of single handlers. */
function kindLines(): string[] {
  const without = (kind: Kind): string =>
    `- **${kind.charAt(0).toUpperCase()}${kind.slice(1)} consumers** do not support ${listed(
      options.filter(([name]) => !supports(kind, name)),
    )}.`;
  const handlerOnly = options.filter(([, row]) => row.handlerOnly !== undefined);
  return [
    ...Object.keys(KINDS)
      .filter(isKind)
      .filter((kind) => options.some(([name]) => !supports(kind, name)))
      .map(without),
    `- ${listed(handlerOnly)} are options of a handler. They cannot be defaults in \`consumerOptions\`.`,
  ];
}

function isKind(name: string): name is Kind {
  return Object.hasOwn(KINDS, name);
}

function listed(rows: readonly [string, OptionRow][]): string {
  const names = rows.map(([name]) => code(name));
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function supports(kind: Kind, name: string): boolean {
  const marker = KINDS[kind];
  return marker === undefined || marker === name || !refuses(marker, name);
}

function refuses(marker: keyof typeof CONFLICTS, name: string): boolean {
  return Object.keys(CONFLICTS[marker]).some((label) => label === name || label === `${name}: instances`);
}

function shown(value: unknown): string {
  if (value === undefined) return '—';
  return Number(value) >= 1e9 ? `${Number(value) / 1e9} s` : JSON.stringify(value);
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Type and comment of each option, as the editor shows them. */
function declaredIn(path: string): Map<string, { type: string; description: string }> {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found = new Map<string, { type: string; description: string }>();
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text === 'BatchOptions') continue;
    for (const member of statement.members) {
      const name = member.name?.getText(source);
      const text = ts.getTextOfJSDocComment(ts.getJSDocCommentsAndTags(member).find(ts.isJSDoc)?.comment);
      // In JetStreamConsumerOptions the comment of `batch` only links to the other interface.
      if (name === undefined || text === undefined || text.startsWith('Belongs to')) continue;
      found.set(name, { type: typeOf(member, source), description: cell(text) });
    }
  }
  return found;
}

/** Short form of a declared type: a method or function type is `function`. */
function typeOf(member: ts.TypeElement, source: ts.SourceFile): string {
  if (ts.isMethodSignature(member)) return 'function';
  const type = ts.isPropertySignature(member) ? (member.type?.getText(source) ?? '') : '';
  const short = type
    .replaceAll(/\(\(.*?\) => [\w<> |]+\)|\(.*?\) => \w+/g, 'function')
    .replaceAll(/\breadonly /g, '')
    .replaceAll(/^Readonly<(.*)>$/g, '$1');
  return short
    .split(' | ')
    .map((part) => (/^[\w ]+$/.test(part) && !/[A-Z]/.test(part) ? part : code(part)))
    .join(' or ');
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}
