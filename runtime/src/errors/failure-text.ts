const MAX_LENGTH = 4_000;

import { detailsOf } from './failure-details';

/**
 * Describes a failure in one line that fits into a header. Takes anything that was thrown, also null, a string, or an error whose
 * getters throw. Line breaks and control characters become spaces. For a failed validation it names the fields.
 */
export function failureText(failure: unknown): string {
  return clean(describe(failure));
}

/** Stack of an error in one line; empty without one. */
export function failureStack(failure: unknown): string {
  return clean(read(failure, 'stack'));
}

function describe(failure: unknown): string {
  const message = detailsOf(failure) || read(failure, 'message');
  const name = read(failure, 'name');
  if (message) return name && name !== 'Error' ? `${name}: ${message}` : message;
  if (typeof failure === 'object' && failure !== null) return name || 'an object without a message was thrown';
  if (typeof failure === 'function') return 'a function was thrown';
  return typeof failure === 'string' ? failure || 'an empty string was thrown' : `${String(failure)} was thrown`;
}

function read(failure: unknown, property: 'message' | 'name' | 'stack'): string {
  if (typeof failure !== 'object' || failure === null) return '';
  try {
    const value: unknown = Reflect.get(failure, property);
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}

function clean(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
