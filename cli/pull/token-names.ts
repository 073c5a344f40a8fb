import { camelCase } from '../../schematics/shared/naming/words';
import { singular } from '../../schematics/shared/naming/singular';
import { isRecord } from '../../schematics/shared/edit/json-file';

/** A sampled event with its subject. */
export interface SampledEvent {
  readonly subject: string;
  readonly value: unknown;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Names the captured tokens of a pattern: after a field that always has the same value, or after
 * the token before, such as `order.:orderId.created`.
 */
export function templateOf(pattern: string, samples: readonly SampledEvent[]): string {
  const taken = new Set<string>();
  const tokens = pattern.split('.');
  return tokens
    .map((token, at) => {
      if (token !== '*') return token;
      const wanted = fieldOf(at, samples, taken) ?? idOf(tokens[at - 1]) ?? `token${at + 1}`;
      let name = wanted;
      for (let number = 2; taken.has(name); number += 1) name = `${wanted}${number}`;
      taken.add(name);
      return `:${name}`;
    })
    .join('.');
}

/** Returns the field whose value is the token in all samples. */
function fieldOf(at: number, samples: readonly SampledEvent[], taken: ReadonlySet<string>): string | undefined {
  const pairs = samples.map(({ subject, value }) => ({ token: subject.split('.')[at], value }));
  const [first] = pairs;
  if (!first || !isRecord(first.value)) return undefined;
  const isVaried = pairs.some(({ token }) => token !== first.token);
  return Object.keys(first.value).find(
    (key) =>
      IDENTIFIER.test(key) &&
      !taken.has(key) &&
      // One value may be the same by accident.
      (isVaried || /^id$|Id$|_id$/.test(key)) &&
      pairs.every(({ token, value }) => isRecord(value) && isText(value[key]) && String(value[key]) === token),
  );
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Returns `orderId` after `orders`. */
function idOf(before: string | undefined): string | undefined {
  if (before === undefined || before === '*') return undefined;
  const name = camelCase(`${singular(before)}.id`);
  return IDENTIFIER.test(name) ? name : undefined;
}
