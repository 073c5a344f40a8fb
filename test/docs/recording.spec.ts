import { blocksOf } from './support/markdown';
import { readPage } from './support/pages';

const svg = readPage('docs/quickstart.svg');

/** Rows of the picture. */
const rows = [...svg.matchAll(/<text [^>]*class="(?<kind>\w+)"[^>]*>(?<text>.*)<\/text>/g)].map(({ groups }) => ({
  kind: groups?.['kind'],
  text: plain(groups?.['text'] ?? ''),
}));

function plain(text: string): string {
  const shown = text.replace(/<[^>]*>/g, '');
  return shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Returns the commands. A long command continues in the next row. */
function commands(): string[] {
  const found: string[] = [];
  for (const { kind, text } of rows) {
    if (kind !== 'command') continue;
    if (text.startsWith('$ ')) found.push(text.slice('$ '.length));
    else found.push(`${found.pop()}${text.trimStart()}`);
  }
  return found;
}

/** Returns the commands of a page without their comments. */
function typed(page: string): string[] {
  const shell = blocksOf(readPage(page)).filter(({ info }) => info === 'sh');
  return shell.flatMap(({ code }) => code.split('\n')).map((line) => line.replace(/ +#.*$/, '').trim());
}

it('shows commands of the README or Getting started', () => {
  const known = new Set(['README.md', 'docs/getting-started.md'].flatMap(typed));

  expect(commands().length).toBeGreaterThan(3);
  expect(commands().filter((command) => !known.has(command))).toEqual([]);
});

it('ends with a stored event and its handler', () => {
  const printed = rows.map(({ text }) => text).join('\n');

  expect(printed).toMatch(/^\{"stream":"ORDERS","seq":1/m);
  expect(printed).toMatch(/^\[OrderCreatedConsumer\] order\.created #1: .*Socks/m);
});

it('keeps the README below 200 lines', () => {
  expect(readPage('README.md').split('\n').length).toBeLessThanOrEqual(200);
});
