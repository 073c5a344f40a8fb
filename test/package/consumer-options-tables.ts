import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { CONFLICTS } from '../../runtime/src/consumer/options/option-rules';
import { CONSUMER_OPTIONS, UNSUPPORTED_OPTIONS, type OptionRow } from '../../runtime/src/consumer/options/option-table';

const SOURCE = join(__dirname, '../../runtime/src/consumer/options/consumer-options.ts');
const KINDS = { pull: undefined, push: 'flowControl', ordered: 'orderedConsumer', batch: 'batch' } as const;
const options = Object.entries<OptionRow>(CONSUMER_OPTIONS);
const descriptions = describedIn(SOURCE);

/**
 * Lines of the tables of docs/options.md, generated from the option table and the comments of the
 * option types.
 */
export function consumerOptionTables(): Readonly<Record<'options' | 'fields' | 'unsupported', string[]>> {
  return {
    options: table(
      ['Option', 'Description', 'Default', 'Consumers'],
      options.map(([name, row]) => [
        namesOf(name, row),
        descriptions.get(name) ?? '',
        defaultOf(row),
        kindsOf(name, row),
      ]),
    ),
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
    unsupported: table(
      ['Option', 'Server field', 'Why'],
      Object.entries(UNSUPPORTED_OPTIONS).map(([name, { field, because }]) => [
        code(name),
        code(field),
        `${because.charAt(0).toUpperCase()}${because.slice(1)}.`,
      ]),
    ),
  };
}

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

/** Kinds of consumers that support the option. */
function kindsOf(name: string, { handlerOnly }: OptionRow): string {
  const kinds = Object.entries(KINDS)
    .filter(([, marker]) => marker === undefined || marker === name || !refuses(marker, name))
    .map(([kind]) => kind);
  const supported = kinds.length === Object.keys(KINDS).length ? 'all' : kinds.join(', ');
  return handlerOnly === undefined ? supported : `${supported}; on the handler only`;
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

/** The comment of each option, as the editor shows it. */
function describedIn(path: string): Map<string, string> {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found = new Map<string, string>();
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text === 'BatchOptions') continue;
    for (const member of statement.members) {
      const name = member.name?.getText(source);
      const text = ts.getTextOfJSDocComment(ts.getJSDocCommentsAndTags(member).find(ts.isJSDoc)?.comment);
      // The other interfaces refer to JetStreamBatchConsumerOptions for `batch`.
      if (name === undefined || text === undefined || text.startsWith('Belongs to')) continue;
      found.set(name, text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|'));
    }
  }
  return found;
}
