import { invalidOption } from '../errors';
import { words } from '../naming/words';

const TOKEN = /^[\p{L}\p{N}_-]+$/u;

/**
 * A subject that one event is published on. @throws SchematicError for wildcards and for what NATS
 * or a name cannot hold.
 */
export function eventSubject(value: string): string {
  if (/[*>]/.test(value)) {
    throw invalidOption('subject', value, 'has a wildcard: name the one event that is handled, e.g. order.created.');
  }
  if (!value.split('.').every((token) => TOKEN.test(token)) || words(value).length === 0) {
    throw invalidOption(
      'subject',
      value,
      'must be words of letters, digits, "-" and "_" with dots between, e.g. order.created.',
    );
  }
  return value;
}

/** A subject, possibly with wildcards, that a stream captures. */
export function streamSubject(value: string, option = 'subjects'): string {
  const tokens = value.split('.');
  const isLegal = tokens.every(
    (token, index) => TOKEN.test(token) || token === '*' || (token === '>' && index === tokens.length - 1),
  );
  if (!isLegal) {
    throw invalidOption(
      option,
      value,
      'must be tokens of letters, digits, "-" and "_", "*" for one token, ">" at the end for the rest.',
    );
  }
  return value;
}

/** Whether a stream's subject captures everything that `subject` stands for. */
export function covers(pattern: string, subject: string): boolean {
  const expected = pattern.split('.');
  const actual = subject.split('.');
  for (const [index, token] of expected.entries()) {
    if (token === '>') return actual.length > index;
    if (token === '*' ? actual[index] === undefined || actual[index] === '>' : token !== actual[index]) return false;
  }
  return expected.length === actual.length;
}

/** Whether some subject matches both: two streams of one account may not have such subjects. */
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
