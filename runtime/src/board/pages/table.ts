import { html, type Content, type Html } from '../html';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Content;
  readonly isNumber?: boolean;
}

/** Makes a table. On a phone, its style shows each row as a list with the titles of the columns. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  if (rows.length === 0) return html`<p class="soft">None.</p>`;
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map(({ title, isNumber }) => html`<th scope="col" ${classOf(isNumber)}>${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${columns.map((column) => cellOf(column, row))}
          </tr> `,
      )}
    </tbody>
  </table>`;
}

function cellOf<Row>({ title, cell, isNumber }: Column<Row>, row: Row): Html {
  return html`<td data-title="${title}" ${classOf(isNumber)}><span>${cell(row)}</span></td>`;
}

function classOf(isNumber: boolean | undefined): Html | false {
  return isNumber === true && html` class="number"`;
}
