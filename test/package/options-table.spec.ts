import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const NAME_OF_TEST = 7;

const rows = readFileSync(join(ROOT, 'docs/options.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map((cells): [option: string, test: string] => [cells[1] ?? '', cells[NAME_OF_TEST] ?? '']);

/** Tests of a table are found by what their titles have in common, and by the case's name. */
function isTest(source: string, title: string): boolean {
  if (source.includes(`it('${title}'`)) return true;
  const formats = [...source.matchAll(/\('(%s[^']*)'/g)].map(([, format = '']) => format.slice('%s'.length));
  return formats.some((rest) => title.endsWith(rest) && source.includes(`['${title.slice(0, -rest.length)}',`));
}

it('the table of options has rows', () => expect(rows.length).toBeGreaterThan(20));

it.each(rows)('%s is proved by a test that exists', (_, proof) => {
  const [file = '', title = ''] = proof.split(' › ');
  expect(isTest(readFileSync(join(ROOT, 'test/runtime', file), 'utf8'), title)).toBe(true);
});
