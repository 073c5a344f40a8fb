import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const COLUMNS_WITH_TEST = 4;

interface Row {
  readonly section: string;
  readonly option: string;
  readonly cells: readonly string[];
}

/**
 * Returns the rows of options with the first word of their section, or the option of a subsection.
 */
function rowsOf(page: string): Row[] {
  let section = '';
  return readFileSync(join(ROOT, page), 'utf8')
    .split('\n')
    .flatMap((line): Row[] => {
      section = /^(?:## |### (?=`))(\S+)/.exec(line)?.[1] ?? section;
      if (!line.startsWith('| `')) return [];
      const cells = line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [{ section, option: cells[0] ?? '', cells }];
    });
}

// Tables of consumer options are generated, and consumer-options-docs.spec.ts checks them. The
// table below the heading of one option has no column of tests.
const isByHand = ({ section }: Row): boolean => section !== 'Consumers' && !section.startsWith('`');
const rows = rowsOf('docs/internals/options.md').filter(isByHand);
const userRows = rowsOf('docs/options.md').filter(isByHand);
const proofs = rows.map(({ option, cells }): [option: string, test: string] => [
  option,
  cells[COLUMNS_WITH_TEST - 1] ?? '',
]);

/**
 * Tests of a table are found by what their titles have in common, and by the case's name: first of
 * a list, or one of names alone.
 */
function isTest(source: string, title: string): boolean {
  if (source.includes(`it('${title}'`)) return true;
  const formats = [...source.matchAll(/\('([^'\n]*%s[^'\n]*)'|^ +'([^'\n]*%s[^'\n]*)',$/gm)];
  return formats.some(([, inline, alone = '']) => {
    const [before = '', after = ''] = (inline ?? alone).split('%s');
    if (!title.startsWith(before) || !title.endsWith(after)) return false;
    const name = title.slice(before.length, title.length - after.length);
    return [`['${name}'`, `  '${name}',`, `, '${name}'`].some((entry) => source.includes(entry));
  });
}

it('the table of options has rows', () => expect(rows.length).toBeGreaterThan(20));

it.each(proofs)('%s is proved by a test that exists', (_, proof) => {
  const [file = '', title = ''] = proof.split(' › ');
  expect(isTest(readFileSync(join(ROOT, 'test/runtime', file), 'utf8'), title)).toBe(true);
});

/** On the user page an option of defineStream comes before its name in nats.js. */
function lastName({ section, option }: Row): string {
  return `${section}: ${section === 'Streams' ? (option.split(', ').at(-1) ?? '') : option}`;
}

it('both pages list the same options', () => {
  expect(userRows.map(lastName)).toEqual(rows.map(lastName));
});

it('the user page has a type, a default and a meaning for each option', () => {
  expect(userRows.filter(({ cells }) => cells.length !== 4 || cells.includes(''))).toEqual([]);
});
