import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURES } from '../conformance/features';

const ROOT = join(__dirname, '../..');
const CONFORMANCE = 'test/conformance';
const ROWS = 46;
const OPEN = 'not measured yet';
/** The code that generators emit is proved by suites of their own. */
const OF_GENERATORS = 46;

const guide = readFileSync(join(ROOT, 'docs/guarantees.md'), 'utf8');
const conformance = readFileSync(join(ROOT, 'docs/internals/conformance.md'), 'utf8');
const [, matrix = ''] = /\n## The matrix\n(.*?)\n## /s.exec(conformance) ?? [];
/** `| 1 | server | killed | nothing is lost | measured | server.spec.ts |` */
const rows = matrix
  .split('\n')
  .filter((line) => /^\| +\d+ \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, number = '', area = '', fault = '', guarantee = '', measured = '', file = '']) => ({
    number: Number(number),
    name: `${number}: ${area} - ${fault} - ${guarantee}`,
    measured,
    file,
  }));

/**
 * The numbered names of a file's tests, as patterns: those of a table have a place for each case,
 * those in a `describe` its name in front.
 */
function namesOf(file: string): { readonly text: string; readonly pattern: RegExp }[] {
  const source = readFileSync(join(ROOT, CONFORMANCE, file), 'utf8');
  const names: string[] = [];
  let outer = '';
  for (const [, indent = '', text = ''] of source.matchAll(
    /^( *)(?:[^'\n]*\()?'((?:[^'\\\n]|\\.)*)'(?:, (?:async )?\(|,$)/gm,
  )) {
    if (!text.includes(' - ')) continue;
    const isNumbered = /^\d+: /.test(text);
    const isWhole = text.split(' - ').length > 2;
    if (isNumbered && !isWhole) outer = text;
    else if (isNumbered) names.push(text);
    else if (outer && indent) names.push(`${outer} ${text}`);
  }
  return names.map((text) => ({ text, pattern: patternOf(text) }));
}

function patternOf(name: string): RegExp {
  const parts = name.replaceAll(String.raw`\'`, "'").split(/%\w|\$\w+/);
  const escaped = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${escaped.join('.+')}$`);
}

const specs = readdirSync(join(ROOT, CONFORMANCE), { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.spec.ts'));

it('every row of the matrix is in the table', () => {
  const numbers = new Set([...rows.map(({ number }) => number), OF_GENERATORS]);
  expect(Array.from({ length: ROWS }, (_, at) => at + 1).filter((number) => !numbers.has(number))).toEqual([]);
});

const proved = rows.filter(({ measured }) => measured !== OPEN);

it('a row is open only while it has no test', () => {
  expect(rows.filter(({ measured, file }) => (measured === OPEN) !== (file === '—'))).toEqual([]);
});

it.each(proved)('$name is proved by a test of that name, and measured', ({ name, measured, file }) => {
  const [path = '', title] = file.split(' › ');
  const source = readFileSync(join(ROOT, CONFORMANCE, path), 'utf8');
  const names = namesOf(path).filter(({ pattern }) => pattern.test(name));
  // A row that a table of inputs proves, or another suite, says which test that is.
  expect(title === undefined ? names.length > 0 : source.includes(`'${title}'`)).toBe(true);
  expect(measured).not.toBe('');
});

it.each(specs)('every numbered test of %s is in the table', (file) => {
  const missing = namesOf(file).filter(
    ({ pattern }) => !rows.some((row) => row.file === file && pattern.test(row.name)),
  );
  expect(missing.map(({ text }) => text)).toEqual([]);
});

it('what is not promised is said, and nothing else', () => {
  const [, section = ''] = /\n## What is not promised\n(.*?)\n## /s.exec(guide) ?? [];
  const said = [...section.matchAll(/^- \*\*(.+?)\.?\*\*/gm)].map(([, name]) => name);
  expect(said).toEqual(Object.keys(FEATURES).filter((feature) => !FEATURES[feature]));
});
