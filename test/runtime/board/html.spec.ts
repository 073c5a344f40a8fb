import { Readable } from 'node:stream';
import { formOf } from '../../../runtime/src/board/form';
import { html } from '../../../runtime/src/board/html';
import { indentedJson } from '../../../runtime/src/operations/json-text';
import { Links } from '../../../runtime/src/board/links';
import { isSameOrigin } from '../../../runtime/src/board/same-origin';

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
    expect(html`${'\u061c'}`.text).toBe('\\u061c');
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

  it('limits the indentation of deeply nested JSON', () => {
    const depth = 30_000;
    const indented = indentedJson('['.repeat(depth) + ']'.repeat(depth));
    expect(indented.length).toBeLessThan(depth * 2 * 70);
    expect(indented.replace(/\s/g, '')).toHaveLength(depth * 2);
  });
});

describe('isSameOrigin', () => {
  it.each([
    [true, { origin: 'http://shop.example', host: 'shop.example' }],
    [true, { origin: 'https://shop.example', host: 'internal', 'x-forwarded-host': 'proxy, shop.example' }],
    [false, { origin: 'http://evil.example', host: 'shop.example' }],
    [false, { origin: 'http://undefined', host: 'shop.example' }],
    [false, { origin: 'file:///page', host: 'shop.example' }],
  ])('returns %s for %j', (expected, headers) => {
    expect(isSameOrigin(headers)).toBe(expected);
  });
});

describe('formOf', () => {
  it('refuses a form that is too long, because a cut field selects another dead letter', async () => {
    const request = Object.assign(Readable.from([Buffer.alloc(262_140, 'x'), Buffer.from('&select=12345')]), {
      method: 'POST',
    });
    await expect(formOf(request)).rejects.toMatchObject({ status: 413 });
    const short = Object.assign(Readable.from([Buffer.from('select=12'), Buffer.from('345')]), { method: 'POST' });
    expect((await formOf(short)).get('select')).toBe('12345');
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
