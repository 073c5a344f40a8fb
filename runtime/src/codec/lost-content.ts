import { isObservable } from 'rxjs';
import { isThenable } from '../util/thenable';

interface Lost {
  /** Type of the value, such as `Map`. */
  readonly type: string;
  /** Path from the object that was searched, such as `.lines[2].tags`. */
  path: string;
}

/** Primitives in an object, which JSON writes as the primitive. */
const BOXED: ReadonlySet<string> = new Set(['String', 'Number', 'Boolean']);
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * Finds a value whose content `JSON.stringify` drops: it writes a Map as `{}` and a Float64Array as
 * an object of numbers. Returns its path and type, such as `lines[2].tags is a Map`. Respects
 * `toJSON`.
 */
export function lostContent(event: unknown): string | undefined {
  const lost = find(event, '');
  if (!lost) return undefined;
  const article = /^[AEIO]/.test(lost.type) ? 'an' : 'a';
  return `${lost.path.replace(/^\./, '') || 'it'} is ${article} ${lost.type}`;
}

function find(given: unknown, key: string): Lost | undefined {
  const value = toJson(given, key);
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return findInList(value);
  if (ArrayBuffer.isView(value)) return { type: tagOf(value), path: '' };
  let isEmpty = true;
  for (const [name, child] of Object.entries(value)) {
    if (child === undefined || typeof child === 'function' || typeof child === 'symbol') continue;
    isEmpty = false;
    if (typeof child !== 'object') continue;
    const lost = find(child, name);
    if (lost) return within(IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`, lost);
  }
  return isEmpty ? opaque(value) : undefined;
}

function findInList(list: readonly unknown[]): Lost | undefined {
  for (const [at, element] of list.entries()) {
    if (typeof element !== 'object') continue;
    const lost = find(element, String(at));
    if (lost) return within(`[${at}]`, lost);
  }
  return undefined;
}

function within(step: string, lost: Lost): Lost {
  lost.path = step + lost.path;
  return lost;
}

function toJson(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value;
  return typeof value.toJSON === 'function' ? (value.toJSON(key) as unknown) : value;
}

/**
 * A value that JSON writes as `{}` has lost its content, unless it is a plain object or an instance
 * of a class of the user.
 */
function opaque(value: object): Lost | undefined {
  const tag = tagOf(value);
  if (BOXED.has(tag)) return undefined;
  if (tag !== 'Object') return { type: tag, path: '' };
  if (isThenable(value)) return { type: 'Promise', path: '' };
  return isObservable(value) ? { type: 'Observable', path: '' } : undefined;
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
