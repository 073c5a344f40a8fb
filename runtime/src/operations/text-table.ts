import { MILLIS_PER_UNIT } from '../errors/duration-text';

/** A column of a table. Numbers are aligned to the right. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

const GAP = '  ';
/** Cell without a value. */
export const NO_VALUE = '-';

/** Returns the lines of a table: its titles and one line for each row. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((text, at) => {
        const width = widths[at] ?? 0;
        return columns[at]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Writes a number with thousands separators. */
export function countText(count: number | undefined): string {
  return count?.toLocaleString('en') ?? NO_VALUE;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Writes a size with three digits, such as `1.21 MiB`. */
export function bytesText(bytes: number): string {
  const exponent = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1_024 ** exponent;
  const digits = exponent === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${BYTE_UNITS[exponent]}`;
}

const AGE_UNITS = (['d', 'h', 'm', 's'] as const).map((unit) => ({ unit, seconds: MILLIS_PER_UNIT[unit] / 1_000 }));

/** Writes an age in its two largest units, such as `3d 4h`. */
export function ageText(seconds: number | undefined): string {
  if (seconds === undefined) return NO_VALUE;
  const first = AGE_UNITS.findIndex((unit) => seconds >= unit.seconds);
  if (first < 0) return '0s';
  let rest = Math.floor(seconds);
  const parts = AGE_UNITS.slice(first, first + 2).map(({ unit, seconds: size }) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.filter(Boolean).join(' ');
}
