import { invalidOption } from '../errors';
import { words } from '../naming/words';

const TOKEN = /^[\p{L}\p{N}_-]+$/u;

/**
 * Returns the subject of one event.
 * @throws SchematicError (`INVALID_OPTION`) for wildcards and for characters that NATS or a name
 * does not allow
 */
export function eventSubject(value: string): string {
  if (/[*>]/.test(value)) {
    throw invalidOption('subject', value, 'has a wildcard. Name one event, such as order.created.');
  }
  if (!value.split('.').every((token) => TOKEN.test(token)) || words(value).length === 0) {
    throw invalidOption(
      'subject',
      value,
      'must be words of letters, digits, "-" and "_" separated by dots, such as order.created.',
    );
  }
  return value;
}

/**
 * Returns a subject that a stream captures, with or without wildcards.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function streamSubject(value: string, option = 'subjects'): string {
  const tokens = value.split('.');
  const isLegal = tokens.every(
    (token, index) => TOKEN.test(token) || token === '*' || (token === '>' && index === tokens.length - 1),
  );
  if (!isLegal) {
    throw invalidOption(
      option,
      value,
      'must be tokens of letters, digits, "-" and "_", with "*" for one token and ">" for all remaining tokens.',
    );
  }
  return value;
}

/** Returns true if `pattern` matches every subject that `subject` matches. */
export function covers(pattern: string, subject: string): boolean {
  const expected = pattern.split('.');
  const actual = subject.split('.');
  for (const [index, token] of expected.entries()) {
    if (token === '>') return actual.length > index;
    if (token === '*' ? actual[index] === undefined || actual[index] === '>' : token !== actual[index]) return false;
  }
  return expected.length === actual.length;
}

/**
 * Returns true if a subject matches both patterns. Two streams of one account cannot have such
 * patterns.
 */
export function overlap(left: string, right: string): boolean {
  const a = left.split('.');
  const b = right.split('.');
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [x, y] = [a[index], b[index]];
    if (x === undefined || y === undefined) return false;
    if (x === '>' || y === '>') return true;
    if (x !== y && x !== '*' && y !== '*') return false;
  }
  return true;
}
