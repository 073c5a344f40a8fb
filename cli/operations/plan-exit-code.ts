import type { ConnectionPlan } from '@nest-jetstream/transport/operations';

/** Exit code of a plan with changes that are not made. */
export const HAS_CHANGES = 2;
/** Exit code of a plan that a start would fail with. */
export const IS_REFUSED = 3;

export function exitCodeOf(connections: readonly ConnectionPlan[]): number {
  const actions = new Set(connections.flatMap(({ steps }) => steps.map(({ action }) => action)));
  if (actions.has('refuse')) return IS_REFUSED;
  return actions.has('create') || actions.has('update') ? HAS_CHANGES : 0;
}
