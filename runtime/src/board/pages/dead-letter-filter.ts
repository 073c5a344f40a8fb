import { InvalidOptionError } from '../../errors/configuration.errors';
import { html, type Html } from '../html';

const FIELDS = ['durable', 'subject', 'reason', 'reasonGroup', 'since'] as const;
const PERIODS: readonly [value: string, text: string, millis: number][] = [
  ['1h', 'last hour', 3_600_000],
  ['1d', 'last day', 86_400_000],
  ['7d', 'last 7 days', 604_800_000],
];

/** Fields of a filter as they stand in an address or a form. */
export type FilterFields = Readonly<Partial<Record<(typeof FIELDS)[number], string>>>;

/** Reads the fields of a filter. Inputs without a text are left out. */
export function filterFields(source: URLSearchParams): FilterFields {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const value = source.get(field);
      // The reason of a group may be empty.
      return value === null || (value === '' && field !== 'reasonGroup') ? [] : [[field, value]];
    }),
  );
}

/**
 * Returns the same fields with a time in place of a period, so that they select the same later.
 * They are a filter of operations.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function fixedFields(fields: FilterFields, nowMs = Date.now()): FilterFields {
  const since = sinceOf(fields, nowMs);
  return { ...fields, ...(since === undefined ? {} : { since }) };
}

function sinceOf({ since }: FilterFields, nowMs: number): string | undefined {
  if (since === undefined) return undefined;
  const [, , millis] = PERIODS.find(([value]) => value === since) ?? [];
  if (millis !== undefined) return new Date(nowMs - millis).toISOString();
  if (!Number.isNaN(Date.parse(since))) return since;
  throw new InvalidOptionError('since', since, 'pass 1h, 1d, 7d, or a time such as 2026-01-31T12:00Z');
}

/** Makes the form of a filter. */
export function filterForm({ durable, subject, reason, since = '' }: FilterFields, address: string): Html {
  const periods = [['', 'any time'] as const, ...PERIODS];
  return html`<form action="${address}">
    <label>Durable <input name="durable" value="${durable}" /></label>
    <label>Subject <input name="subject" value="${subject}" placeholder="order.>" /></label>
    <label>Reason contains <input name="reason" value="${reason}" /></label>
    <label
      >Dead-lettered
      <select name="since">
        ${periods.map(
          ([value, text]) => html`<option value="${value}" ${value === since && html` selected`}>${text}</option>`,
        )}
      </select></label
    >
    <button>Filter</button>
  </form>`;
}

/** Returns the filter as text, such as `durable 'billing', reason '…'`. Empty without one. */
export function filterText({ durable, subject, reason, reasonGroup, since }: FilterFields): string {
  const parts = { durable, subject, 'reason containing': reason, reason: shownReason(reasonGroup), since };
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} '${value}'`]))
    .join(', ');
}

/** Returns the reason of a group as text. */
export function shownReason(reasonGroup: string | undefined): string | undefined {
  return reasonGroup === '' ? '(none)' : reasonGroup;
}
