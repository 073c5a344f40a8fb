import { consumeGroups } from './consume.mjs';
import { handlersGroup } from './handlers.mjs';
import { latencyGroup } from './latency.mjs';
import { memoryGroup, slowHandlerGroup } from './memory.mjs';
import { oneByOneGroups, publishGroups } from './publish.mjs';
import { requestGroups } from './request.mjs';
import { startGroup } from './start.mjs';
import { telemetryGroups } from './telemetry.mjs';

/**
 * Groups of benchmarks. The variants of a group run in turn, and each row compares two of them.
 * `prepare(context, scale)` creates their streams, and scales the number of messages.
 */
const groups = [
  ...consumeGroups,
  ...publishGroups,
  ...oneByOneGroups,
  ...telemetryGroups,
  latencyGroup,
  ...requestGroups,
  startGroup,
  memoryGroup,
  slowHandlerGroup,
  handlersGroup,
];

/**
 * Selects the groups with one of these name prefixes, or all groups.
 * @param {string[]} names
 * @param {string[]} [variants] variants to measure in each group. Default: all
 */
export function selectGroups(names, variants) {
  const selected = groups.filter(({ name }) => names.length === 0 || names.some((wanted) => name.startsWith(wanted)));
  if (selected.length === 0)
    throw new Error(
      `Unknown groups: ${names.join(', ')}. Known groups are ${groups.map(({ name }) => name).join('; ')}.`,
    );
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
