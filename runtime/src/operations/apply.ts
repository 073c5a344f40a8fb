import type { DynamicModule, Type } from '@nestjs/common';
import { ApplyIncompleteError } from '../errors/operations.errors';
import { permissionDenied } from '../errors/permission.errors';
import { describeApplication, type DescribedConnection } from './describe-application';
import { planConnections, type ConnectionPlan } from './plan';
import { StartSteps } from './start-steps';

/** Result of {@link applyStart}. */
export interface ApplyResult {
  /** False if a step is refused. Nothing was changed then. */
  readonly applied: boolean;
  /** Steps before the changes, for each connection. */
  readonly connections: readonly ConnectionPlan[];
}

/**
 * Makes the changes that a start of the application with `provisioning: 'apply'` makes, or none if
 * one of them is refused. The application is not started.
 * @throws ApplyIncompleteError (`APPLY_INCOMPLETE`) if the server refuses a change after others,
 * and the errors of `planStart`
 */
export async function applyStart(root: Type<unknown> | DynamicModule): Promise<ApplyResult> {
  return applyConnections(await describeApplication(root));
}

/** Makes the changes of a start on each connection that an application declares. */
export async function applyConnections(described: readonly DescribedConnection[]): Promise<ApplyResult> {
  const connections = await planConnections(described);
  if (connections.some(({ steps }) => steps.some(({ action }) => action === 'refuse')))
    return { applied: false, connections };
  try {
    for (const each of described) await applyConnection(each);
  } catch (error) {
    const failure = permissionDenied(error) ?? error;
    const [planned, left] = [connections, await planConnections(described)].map(countChanges);
    if (planned === undefined || left === undefined || left >= planned) throw failure;
    throw new ApplyIncompleteError(planned - left, planned, failure);
  }
  return { applied: true, connections };
}

/** Returns the lines of a result for a terminal. The plan is shown before. */
export function applyText({ applied, connections }: ApplyResult): string[] {
  if (!applied) return ['Nothing was changed.'];
  const count = (action: string): number =>
    connections.flatMap(({ steps }) => steps).filter((step) => step.action === action).length;
  return [`Done: ${count('create')} created, ${count('update')} updated.`];
}

async function applyConnection(described: DescribedConnection): Promise<void> {
  const { connection } = described.session;
  const user = {};
  connection.retain(user);
  try {
    const open = await described.session.open();
    await new StartSteps(described, open, async (_target, work) => void (await work())).run();
  } finally {
    await connection.release(user);
  }
}

function countChanges(connections: readonly ConnectionPlan[]): number {
  return connections.flatMap(({ steps }) => steps).filter(({ action }) => action === 'create' || action === 'update')
    .length;
}
