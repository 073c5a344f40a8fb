import { isDeepStrictEqual } from 'node:util';
import type { Shaped } from './affinity';
import type { Alternative, Schema } from './schema-model';

/** Keywords that bound a value, with whether the writer's bound must be at least the reader's. */
const BOUNDS = new Map([
  ['minimum', 'atLeast'],
  ['exclusiveMinimum', 'atLeast'],
  ['minLength', 'atLeast'],
  ['minItems', 'atLeast'],
  ['minProperties', 'atLeast'],
  ['maximum', 'atMost'],
  ['exclusiveMaximum', 'atMost'],
  ['maxLength', 'atMost'],
  ['maxItems', 'atMost'],
  ['maxProperties', 'atMost'],
  ['pattern', 'equal'],
  ['format', 'equal'],
  ['multipleOf', 'equal'],
  ['uniqueItems', 'equal'],
]);
const BOUNDED: Readonly<Record<string, RegExp>> = {
  string: /Length$|^pattern$|^format$/,
  number: /^(exclusive)?(min|max)imum$|^exclusive|^multipleOf$|^format$/i,
  integer: /^(exclusive)?(min|max)imum$|^exclusive|^multipleOf$|^format$/i,
  array: /Items$/,
  object: /Properties$/,
};
/** Parts of the patterns that `templateSchema` writes. */
const TEMPLATE_PLACEHOLDER = /-\?\[0-9\.eE\+-\]\+|\[\\s\\S\]\*/g;
const TEMPLATE_TEXT = /^\^(?:[^.*+?^${}()|[\]\\/]|\\[.*+?^${}()|[\]\\/])*\$$/;
const MAXIMUM_PLACEHOLDERS = 3;
const MAXIMUM_LENGTH = 200;

/** Returns true if a reader accepts a literal. */
export function acceptsLiteral(value: string | number | boolean, read: Alternative): boolean {
  if (read.kind === 'literal') return read.value === value;
  if (read.kind === 'string') return typeof value === 'string' && isStringWithin(value, read.schema);
  if (read.kind === 'integer') return Number.isInteger(value);
  if (read.kind === 'number') return typeof value === 'number' && isNumberWithin(value, read.schema);
  return read.kind === 'any';
}

function isStringWithin(value: string, { pattern, format, minLength, maxLength }: Schema): boolean {
  if (typeof minLength === 'number' && value.length < minLength) return false;
  if (typeof maxLength === 'number' && value.length > maxLength) return false;
  if (format === 'date-time' && Number.isNaN(Date.parse(value))) return false;
  return pattern === undefined || (typeof pattern === 'string' && matchesTemplate(value, pattern));
}

/**
 * Matches the pattern of a template literal type. Other patterns are not run, because a hostile one
 * could run for hours.
 */
function matchesTemplate(value: string, pattern: string): boolean {
  const placeholders = pattern.split(TEMPLATE_PLACEHOLDER).length - 1;
  const isSafe = placeholders <= MAXIMUM_PLACEHOLDERS && value.length <= MAXIMUM_LENGTH;
  return isSafe && TEMPLATE_TEXT.test(pattern.replaceAll(TEMPLATE_PLACEHOLDER, '')) && new RegExp(pattern).test(value);
}

function isNumberWithin(value: number, { minimum, maximum }: Schema): boolean {
  return !(typeof minimum === 'number' && value < minimum) && !(typeof maximum === 'number' && value > maximum);
}

/** Returns true if all values of the writer are within the bounds of the reader. */
export function isWithinBounds(written: Shaped, read: Shaped): boolean {
  const relevant = BOUNDED[read.kind] ?? /^$/;
  for (const [keyword, rule] of BOUNDS) {
    const bound = read.schema[keyword];
    if (bound === undefined || !relevant.test(keyword) || isLengthOfTuple(keyword, read.schema)) continue;
    const own = written.schema[keyword];
    if (rule === 'equal' ? !isDeepStrictEqual(own, bound) : !isBeyond(own, bound, rule, keyword)) return false;
  }
  return true;
}

/** The elements of a tuple are compared one by one. */
function isLengthOfTuple(keyword: string, { items }: Schema): boolean {
  return Array.isArray(items) && /^m..Items$/.test(keyword);
}

function isBeyond(own: unknown, bound: unknown, rule: string, keyword: string): boolean {
  // Every text and list has at least no elements.
  const least = /^min[LIP]/.test(keyword) ? 0 : undefined;
  const value = own ?? least;
  if (typeof value !== 'number' || typeof bound !== 'number') return false;
  return rule === 'atLeast' ? value >= bound : value <= bound;
}
