import { execFileSync } from 'node:child_process';
import { isWrappable, proseOf, type Prose } from './support/prose';
import { ROOT } from './support/pages';

const WIDTH = 100;
/** Words and turns that engineers do not write. */
const FORBIDDEN = [
  /\banew\b/i,
  /\b(?:whoever|whomever|whosoever|nobody|somebody|thereof|hence|thereby|likewise|whence|lest)\b/i,
  /\b(?:in vain|for ever|without more ado|be it|so it is with|all the same)\b/i,
  /(?<!there |it |this |that )\b(?:is|are) no(?! longer| more than|t\b)(?= [a-z])/i,
  /(?:^|[.:;] )(?:Who|Whoever|Whose|What) (?!is|are|does|do|happens|can|should|if|it)[a-z]+ [^?]*$/,
  /\b(?:that|this) which\b/i,
  /\b(?:tells? of|knows? of|learns? of|speaks? of|has to do with)\b/i,
];
const OPENING = /\/\*\*\s*(?:What|Who|Whose|Which|Whether|Of|As|One|That|Where|How|All that)\b/;
/** Text that names a word in order to forbid it, or that is quoted from elsewhere. */
const EXEMPT = new Set(['test/docs/plain-english.spec.ts', 'CHANGELOG.md']);

const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(?:md|ts|mjs|yml|template)$|schema\.json$/.test(file) && !EXEMPT.has(file))
  .filter((file) => !/\.(?:yaml|env)\.template$|env\.template$|\/fixtures\//.test(file));

function groupOf(file: string): string {
  return file.replace(/^((?:runtime\/src|test)\/[^/]+|[^/]+).*$/, '$1');
}

function problemsOf(prose: Prose): string[] {
  const forbidden = FORBIDDEN.filter((pattern) => pattern.test(prose.text)).map((pattern) => String(pattern));
  const opening = prose.kind === 'doc comment' && OPENING.test(prose.text) ? ['opening of a doc comment'] : [];
  const wide = prose.text.length > WIDTH && isWrappable(prose) ? [`wider than ${WIDTH} columns`] : [];
  return [...forbidden, ...opening, ...wide];
}

/** Words that are fine now and then, with the number per 100 words of comments and pages. */
const RARE: [what: string, pattern: RegExp, most: number][] = [
  ['headless clauses', /\b(?:who|what|which|whose|whoever)\b/gi, 0.5],
  ['absences', /\b(?:anew|nobody|somebody|is no [a-z]+)\b/gi, 0.05],
];
/** A short text may have a few. */
const FREE = 3;

function tooFrequentIn(prose: readonly Prose[]): string[] {
  const pieces = prose.filter(({ kind }) => kind !== 'string').map(({ text }) => text);
  const text = pieces.join('\n');
  const words = text.match(/[A-Za-z']+/g)?.length ?? 0;
  return RARE.flatMap(([what, pattern, most]) => {
    const count = text.match(pattern)?.length ?? 0;
    const allowed = Math.floor((most * words) / 100) + FREE;
    return count > allowed ? [`${count} ${what} in ${words} words, of which ${allowed} are allowed`] : [];
  });
}

describe('the prose of the repository', () => {
  it.each([...new Set(FILES.map(groupOf))].toSorted())('of %s is plain English', (group) => {
    const files = FILES.filter((file) => groupOf(file) === group).map((file) => ({ file, prose: proseOf(file) }));
    const problems = files.flatMap(({ file, prose }) =>
      prose.flatMap((piece) =>
        problemsOf(piece).map((problem) => `${file}:${piece.line}: ${problem}: ${piece.text.trim()}`),
      ),
    );

    expect([...problems, ...tooFrequentIn(files.flatMap(({ prose }) => prose))]).toEqual([]);
  });

  it('is really searched', () => {
    const prose: Prose[] = [
      { kind: 'doc comment', line: 1, text: '/** What is sent anew. */' },
      { kind: 'string', line: 2, text: 'give it to whoever comes' },
      { kind: 'comment', line: 3, text: '// A string is no list.' },
      { kind: 'comment', line: 4, text: `// ${'a word '.repeat(20)}` },
      { kind: 'page', line: 5, text: 'There is no list, and a string is not one.' },
    ];

    expect(prose.map((piece) => problemsOf(piece).length)).toEqual([2, 1, 1, 1, 0]);
    expect(tooFrequentIn(Array.from({ length: 5 }, (_, line) => ({ kind: 'page', line, text: 'what comes' })))).toEqual(
      ['5 headless clauses in 10 words, of which 3 are allowed'],
    );
    const kinds = new Set(FILES.flatMap(proseOf).map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual(['comment', 'doc comment', 'page', 'string']);
  });
});
