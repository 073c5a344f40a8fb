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

/** The groups whose names begin with one of these; all without any. */
export function selectGroups(names) {
  if (names.length === 0) return groups;
  const selected = groups.filter(({ name }) => names.some((wanted) => name.startsWith(wanted)));
  if (selected.length > 0) return selected;
  throw new Error(`No row is called ${names.join(', ')}. There are: ${groups.map(({ name }) => name).join('; ')}.`);
}
