import { blocksOf } from './support/markdown';
import { readPage } from './support/pages';

const svg = readPage('docs/quickstart.svg');

/** The rows of the picture, as they stand in it. */
const rows = [...svg.matchAll(/<text [^>]*class="(?<kind>\w+)"[^>]*>(?<text>.*)<\/text>/g)].map(({ groups }) => ({
  kind: groups?.['kind'],
  text: plain(groups?.['text'] ?? ''),
}));

function plain(text: string): string {
  const shown = text.replace(/<[^>]*>/g, '');
  return shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Commands that are longer than a row go on in the next one. */
function commands(): string[] {
  const found: string[] = [];
  for (const { kind, text } of rows) {
    if (kind !== 'command') continue;
    if (text.startsWith('$ ')) found.push(text.slice('$ '.length));
    else found.push(`${found.pop()}${text.trimStart()}`);
  }
  return found;
}

/** What the pages have a reader type, without what is said of it. */
function typed(page: string): string[] {
  const shell = blocksOf(readPage(page)).filter(({ info }) => info === 'sh');
  return shell.flatMap(({ code }) => code.split('\n')).map((line) => line.replace(/ +#.*$/, '').trim());
}

it('the recorded commands are those that the README and Getting started have the reader type', () => {
  const known = new Set(['README.md', 'docs/getting-started.md'].flatMap(typed));

  expect(commands().length).toBeGreaterThan(3);
  expect(commands().filter((command) => !known.has(command))).toEqual([]);
});

it('the recording ends with a stored event, and its handler', () => {
  const printed = rows.map(({ text }) => text).join('\n');

  expect(printed).toMatch(/^\{"stream":"ORDERS","seq":1/m);
  expect(printed).toMatch(/^\[OrderCreatedConsumer\] order\.created #1: .*Socks/m);
});

it('the README is short enough to be read', () => {
  expect(readPage('README.md').split('\n').length).toBeLessThanOrEqual(200);
});
