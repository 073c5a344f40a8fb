import { html } from '../../../runtime/src/board/html';
import { indentedJson } from '../../../runtime/src/board/json-text';
import { Links } from '../../../runtime/src/board/links';

describe('html', () => {
  it('escapes every value, also in attributes and lists', () => {
    const hostile = `<b title="x" id='y'>&</b>`;
    const escaped = '&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&lt;/b&gt;';
    expect(html`<a href="${hostile}">${[hostile, [hostile]]}</a>`.text).toBe(
      `<a href="${escaped}">${escaped}${escaped}</a>`,
    );
  });

  it('keeps markup of other templates, and leaves out missing values', () => {
    expect(html`<p>${html`<b>${'<'}</b>`}${undefined}${false}${0}</p>`.text).toBe('<p><b>&lt;</b>0</p>');
  });

  it('does not take text of a message for markup', () => {
    const forged = JSON.parse('{ "text": "<b>" }') as never;
    expect(() => html`${forged}`).toThrow(TypeError);
  });

  it('shows control characters, and characters that reverse the text, as their code', () => {
    expect(html`${'a\u0000\r\n\tb\u202egpj.exe'}`.text).toBe('a\\u0000\\u000d\n\tb\\u202egpj.exe');
  });
});

describe('indentedJson', () => {
  it.each([
    [
      '{"id":9007199254740993,"tags":["a",{}],"none":[]}',
      '{\n  "id": 9007199254740993,\n  "tags": [\n    "a",\n    {}\n  ],\n  "none": []\n}',
    ],
    ['"a, {b}"', '"a, {b}"'],
    ['[1,[2]]', '[\n  1,\n  [\n    2\n  ]\n]'],
    ['{"cut":"in the mid', '{\n  "cut": "in the mid'],
  ])('indents %s', (text, expected) => {
    expect(indentedJson(text)).toBe(expected);
  });
});

describe('Links', () => {
  it.each([
    ['/', 0],
    ['/streams/ORDERS', 2],
  ])('leads from %s to the pages of a board at the root', (pathname, depth) => {
    const links = new Links(pathname, depth);
    expect(new URL(links.overview, `http://host${pathname}`).href).toBe('http://host/');
    expect(new URL(links.job('1'), `http://host${pathname}`).href).toBe('http://host/jobs/1');
  });

  it.each([
    ['/jetstream', 0],
    ['/jetstream/', 0],
    ['/api/admin/jetstream', 0],
    ['/jetstream/streams/ORDERS', 2],
    ['/jetstream/streams/ORDERS/', 2],
    ['/api/jetstream/streams/ORDERS/dead-letters/billing/1', 5],
  ])('leads from %s to the pages of the board', (pathname, depth) => {
    const links = new Links(pathname, depth);
    const mount = pathname.slice(0, pathname.indexOf('jetstream') + 'jetstream'.length);
    const to = (address: string): string => new URL(address, `http://host${pathname}`).href;
    expect(to(links.overview)).toBe(`http://host${mount}`);
    expect(to(links.consumer('A B', '50%/x'))).toBe(`http://host${mount}/streams/A%20B/consumers/50%25%2Fx`);
    expect(to(links.deadLetters('A', { reason: 'a&b' }))).toBe(
      `http://host${mount}/streams/A/dead-letters?reason=a%26b`,
    );
  });
});
