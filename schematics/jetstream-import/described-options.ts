import type { LiteralValue } from '../shared/template/literal';
import { parseSettings, SETTING_NAMES, type StreamEntries } from '../shared/stream/stream-settings';
import { own, type Fields } from './document';

/** Options of a stream in a document. */
export interface DescribedOptions {
  readonly entries: StreamEntries;
  /** Options that cannot be written. */
  readonly ignored: readonly string[];
}

/** Returns the value in TypeScript, or undefined for one that the option does not have. */
type Reader = (value: unknown) => LiteralValue | undefined;

const flag: Reader = (value) => (typeof value === 'boolean' ? value : undefined);
const text: Reader = (value) => (typeof value === 'string' ? value : undefined);
const count: Reader = (value) => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined);

/** Options of `defineStream` that the generator of streams has no flags for. */
const OTHERS: ReadonlyMap<string, Reader> = new Map([
  ['description', text],
  ['maxMessagesPerSubject', count],
  ['discardNewPerSubject', flag],
  ['compression', (value) => (value === 'none' || value === 's2' ? value : undefined)],
  ['placement', placement],
  ['metadata', texts],
  ['allowDirect', flag],
  ['allowAtomic', flag],
  ['allowMessageTtl', flag],
  ['allowMessageSchedules', flag],
  ['allowRollup', flag],
  ['denyDelete', flag],
  ['denyPurge', flag],
]);

/** Members of a stream in the document that are not options. */
const NO_OPTIONS: ReadonlySet<string> = new Set(['subjects', 'name', 'setAtRuntime']);

/**
 * Reads the options of a stream, without defaults for absent ones.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function describedOptions(stream: Fields): DescribedOptions {
  const listed = SETTING_NAMES.flatMap((name) => {
    const value = own(stream, name);
    return typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [];
  });
  const others = [...OTHERS].flatMap(([name, read]) => {
    const value = read(own(stream, name));
    return value === undefined ? [] : [[name, value] as const];
  });
  // In the order of the names, with valid values only.
  const settings = Object.entries(parseSettings(Object.fromEntries(listed)));
  const entries = [...settings, ...others];
  const known = new Set([...entries.map(([name]) => name), ...NO_OPTIONS]);
  return { entries, ignored: Object.keys(stream).filter((key) => !known.has(key) && !key.startsWith('x-')) };
}

function placement(value: unknown): LiteralValue | undefined {
  if (!isFields(value)) return undefined;
  const cluster = own(value, 'cluster');
  const tags = own(value, 'tags');
  const isList = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string');
  return {
    ...(typeof cluster === 'string' ? { cluster } : {}),
    ...(isList ? { tags } : {}),
  };
}

function texts(value: unknown): LiteralValue | undefined {
  if (!isFields(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, each]) =>
    typeof each === 'string' && key !== '__proto__' ? [[key, each] as const] : [],
  );
  return Object.fromEntries(entries);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
