import { consumeGroups } from './consume.mjs';
import { handlersGroup } from './handlers.mjs';
import { latencyGroup } from './latency.mjs';
import { memoryGroup, slowHandlerGroup } from './memory.mjs';
import { oneByOneGroups, publishGroups } from './publish.mjs';
import { requestGroups } from './request.mjs';
import { startGroup } from './start.mjs';

/**
 * What is measured together: the variants of a group run in turn, and each of its rows compares two
 * of them. `prepare(context, scale)` makes what they need, for so much of the messages.
 */
const groups = [
  ...consumeGroups,
  ...publishGroups,
  ...oneByOneGroups,
  latencyGroup,
  ...requestGroups,
  startGroup,
  memoryGroup,
  slowHandlerGroup,
  handlersGroup,
];

/**
 * Selects the groups whose names begin with one of these, or all without any.
 * @param {string[]} names
 * @param {string[]} [variants] measured in each group; by default all
 */
export function selectGroups(names, variants) {
  const selected = groups.filter(({ name }) => names.length === 0 || names.some((wanted) => name.startsWith(wanted)));
  if (selected.length === 0)
    throw new Error(`No group is called ${names.join(', ')}. Groups: ${groups.map(({ name }) => name).join('; ')}.`);
  return variants ? selected.map((group) => reduced(group, variants)) : selected;
}

function reduced(group, names) {
  const rows = group.rows.filter(({ variant }) => names.includes(variant));
  const needed = new Set(rows.flatMap(({ variant, against }) => [variant, against]));
  return {
    ...group,
    rows,
    async prepare(context, scale) {
      const variants = Object.entries(await group.prepare(context, scale));
      return Object.fromEntries(variants.filter(([name]) => needed.has(name)));
    },
  };
}
