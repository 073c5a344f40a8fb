import { ASSETS_VERSION } from '../assets';
import { html, type Content, type Html } from '../html';
import type { Links } from '../links';

/** A page without its frame. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Pages above this one, from the top. */
  readonly path?: readonly [title: string, address: string][];
  /** Default: 200. */
  readonly status?: number;
  /** Time after which the script reads the page again. Default: 5 s. */
  readonly refreshMs?: number;
}

/** Makes the complete document of a page. */
export function documentOf({ title, body, path = [], refreshMs }: Page, links: Links): string {
  const refresh = refreshMs !== undefined && html` data-refresh="${refreshMs}"`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · JetStream</title>
<link rel="stylesheet" href="${links.asset('board.css', ASSETS_VERSION)}">
<script src="${links.asset('board.js', ASSETS_VERSION)}" defer></script>
</head>
<body>
<header><a href="${links.overview}">JetStream</a></header>
<nav aria-label="Path">${path.map(([name, address]) => html`<a href="${address}">${name}</a> / `)}</nav>
<main${refresh}>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return page.text;
}

/** Returns the pages above a page of a stream. */
export function pathTo(stream: string, links: Links, ...below: NonNullable<Page['path']>): NonNullable<Page['path']> {
  return [['Streams', links.overview], [stream, links.stream(stream)], ...below];
}

/** Makes a list of names and values. Values that are undefined are left out. */
export function facts(...entries: readonly [name: string, value: Content][]): Html {
  const shown = entries.filter(([, value]) => value !== undefined);
  return html`<dl>
    ${shown.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

/** Makes a box with a remark. */
export function note(content: Content, kind: 'plain' | 'bad' = 'plain'): Html {
  return html`<p class="note ${kind}" role="status">${content}</p>`;
}
