import { html, type Html } from './html';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];
const AGES: readonly [limitMs: number, unitMs: number, unit: string][] = [
  [60_000, 1_000, 's'],
  [3_600_000, 60_000, 'min'],
  [172_800_000, 3_600_000, 'h'],
  [Number.POSITIVE_INFINITY, 86_400_000, 'd'],
];

/** Returns a number with separators, such as `12,408`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Returns a count with its noun, such as `1 message`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Returns a size, such as `1.4 MB`. */
export function size(bytes: number): string {
  const at = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1_024 ** at;
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[at]}`;
}

/** Returns a duration in its largest unit, such as `3 min`. */
export function age(millis: number): string {
  const [, unitMs, unit] = AGES.find(([limitMs]) => millis < limitMs) ?? [0, 86_400_000, 'd'];
  return `${Math.floor(Math.max(0, millis) / unitMs)} ${unit}`;
}

/** Shows the time since a moment, and the moment itself when it is pointed at. */
export function since(time: string | undefined, nowMs = Date.now()): Html {
  const millis = Date.parse(time ?? '');
  if (Number.isNaN(millis)) return html`<span class="soft">never</span>`;
  const text = millis > nowMs ? `in ${age(millis - nowMs)}` : `${age(nowMs - millis)} ago`;
  return html`<time datetime="${time}" title="${time}">${text}</time>`;
}
