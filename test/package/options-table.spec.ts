import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const NAME_OF_TEST = 7;

// Tables of consumer options are generated and have no column of tests:
// consumer-options-docs.spec.ts.
const rows = readFileSync(join(ROOT, 'docs/options.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .filter((cells) => cells.length > NAME_OF_TEST)
  .map((cells): [option: string, test: string] => [cells[1] ?? '', cells[NAME_OF_TEST] ?? '']);

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

it.each(rows)('%s is proved by a test that exists', (_, proof) => {
  const [file = '', title = ''] = proof.split(' › ');
  expect(isTest(readFileSync(join(ROOT, 'test/runtime', file), 'utf8'), title)).toBe(true);
});
