import type { DynamicModule, Type } from '@nestjs/common';
import { ApplyIncompleteError } from '../errors/operations.errors';
import { permissionDenied } from '../errors/permission.errors';
import { describeApplication, type DescribedConnection } from './describe-application';
import { planConnections, type ConnectionPlan } from './plan';
import { planText } from './plan-text';
import { StartSteps } from './start-steps';

/** Result of {@link applyStart}. */
export interface ApplyResult {
  /** False if a step is refused, or was not confirmed. Nothing was changed then. */
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

/**
 * Makes the changes of a start on each connection that an application declares.
 * @param confirmed plan that a person has confirmed. No change is made if there are others now.
 */
export async function applyConnections(
  described: readonly DescribedConnection[],
  confirmed?: readonly ConnectionPlan[],
): Promise<ApplyResult> {
  const connections = await planConnections(described);
  if (isRefused(connections) || (confirmed && !containsChanges(confirmed, connections)))
    return { applied: false, connections };
  try {
    for (const each of described) await applyConnection(each);
  } catch (error) {
    const failure = permissionDenied(error) ?? error;
    const planned = changesOf(connections).length;
    // Without a connection, the first failure is the one to report.
    const left = await planConnections(described).then(
      (plan) => changesOf(plan).length,
      () => planned,
    );
    if (left >= planned) throw failure;
    throw new ApplyIncompleteError(planned - left, planned, failure);
  }
  return { applied: true, connections };
}

/** Returns the lines of a result for a terminal. */
export function applyText({ applied, connections }: ApplyResult): string[] {
  if (!applied && isRefused(connections)) return [...planText(connections), 'Nothing was changed.'];
  if (!applied)
    return [
      ...planText(connections),
      'The server has changed since the confirmed plan. Nothing was changed. Run apply again.',
    ];
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

function isRefused(connections: readonly ConnectionPlan[]): boolean {
  return connections.some(({ steps }) => steps.some(({ action }) => action === 'refuse'));
}

/** Returns false if a plan has a change that is not in the confirmed one. */
function containsChanges(confirmed: readonly ConnectionPlan[], actual: readonly ConnectionPlan[]): boolean {
  const known = new Set(changesOf(confirmed));
  return changesOf(actual).every((change) => known.has(change));
}

/** Returns the changes as text, without numbers of messages, which always change. */
function changesOf(connections: readonly ConnectionPlan[]): string[] {
  return connections.flatMap(({ connection, steps }) =>
    steps
      .filter(({ action }) => action === 'create' || action === 'update')
      .map((step) => JSON.stringify({ connection, ...step, messages: undefined, dropped: undefined })),
  );
}
