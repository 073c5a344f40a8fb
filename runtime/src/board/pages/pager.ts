import { html, type Html } from '../html';

/** Rows of one page of a table. */
export const PAGE_ROWS = 100;

/** Rows of a page, and links to the pages before and after it. */
export interface Paged<Row> {
  readonly rows: readonly Row[];
  readonly links: Html | false;
}

/**
 * Selects the rows of a page.
 * @param page number of the page as text, from 1
 * @param addressOf returns the address of another page
 */
export function paged<Row>(all: readonly Row[], page: string | null, addressOf: (page: string) => string): Paged<Row> {
  const pages = Math.max(1, Math.ceil(all.length / PAGE_ROWS));
  const at = Math.min(Math.max(1, Math.trunc(Number(page)) || 1), pages);
  const link = (to: number, text: string): Html | false =>
    to >= 1 && to <= pages && html`<a href="${addressOf(String(to))}">${text}</a> `;
  return {
    rows: all.slice((at - 1) * PAGE_ROWS, at * PAGE_ROWS),
    links: pages > 1 && html`<p>${link(at - 1, 'Previous')}Page ${at} of ${pages} ${link(at + 1, 'Next')}</p>`,
  };
}
