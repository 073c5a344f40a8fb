import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { root } from '../workspace/root.mjs';

const SHOWN = 3;
const toSlashes = (path) => path.replaceAll('\\', '/');

/** Returns all spec files, as paths relative to test/. */
export function listSpecs() {
  const test = join(root, 'test');
  if (!existsSync(test)) return [];
  return readdirSync(test, { recursive: true })
    .filter((file) => file.endsWith('.spec.ts'))
    .map(toSlashes);
}

/**
 * Finds the spec file that an argument of `npm test` names: by its path, by its path below test/,
 * or by a unique part of it.
 * @param {string} argument
 * @param {readonly string[]} [specs] paths relative to test/
 * @returns {string} the path relative to test/
 * @throws {Error} when no spec file matches, or more than one does
 */
export function findSpec(argument, specs = listSpecs()) {
  const exact = [resolve(argument), join(root, argument), join(root, 'test', argument)]
    .map((path) => toSlashes(relative(join(root, 'test'), path)))
    .find((path) => specs.includes(path));
  if (exact) return exact;
  const part = toSlashes(isAbsolute(argument) ? relative(root, argument) : argument).replace(/^(\.\/)?(test\/)?/, '');
  const matches = specs.filter((spec) => spec.includes(part));
  const byName = matches.filter((spec) => nameOf(spec) === nameOf(part));
  const [match, ...others] = byName.length === 1 ? byName : matches;
  if (!match)
    throw new Error(`No suite or spec file matches '${argument}'. The nearest spec files are ${nearest(part, specs)}.`);
  if (others.length === 0) return match;
  const shown = matches.slice(0, SHOWN).join(', ');
  throw new Error(
    `'${argument}' matches ${matches.length} spec files, such as ${shown}. Give a longer part of the path.`,
  );
}

function nearest(part, specs) {
  const wanted = nameOf(part);
  return specs
    .map((spec) => ({ spec, distance: editDistance(wanted, nameOf(spec)) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, SHOWN)
    .map(({ spec }) => spec)
    .join(', ');
}

function nameOf(path) {
  return (path.split('/').at(-1) ?? path).replace(/(\.spec)?(\.ts)?$/, '');
}

/** Returns the Levenshtein distance. */
function editDistance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, replaced));
    }
    row = next;
  }
  return row.at(-1);
}
